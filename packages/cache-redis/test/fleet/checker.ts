import type {
  History,
  Invalidation,
  Lag,
  ProcessHistory,
  Read,
  Rollback,
  Span,
} from './history.ts';

/*
 * The promise, of which docs/protocol.md tells: an invalidation counts from when its call has resolved with
 * `stores: 'applied'` and `bus: 'sent'`, or from when what was queued has been replayed. A read that begins
 * later in the process that issued it returns nothing older; in another one nothing older after a window: what
 * a message takes while nothing is wrong, and else until it is noticed that some were missed.
 *
 * Not looked at, since it is not promised:
 * - a version whose writer was killed before its call resolved, or before what it had queued was replayed;
 * - what was acknowledged, and then lost with a server that came back with an older copy, until the issuer
 *   has met that server and replayed; and for good, if the issuer had been killed by then;
 * - keys that are set by several writers: the workload has one writer for each key that it sets;
 * - a soft invalidation by processes that began after it: of several of one tag they may know the last only.
 */

/** How often a process says that it lives. */
const BEAT = 1000;
/** How long a number may be missing. */
const GRACE = 250;
/** How long somebody may be silent. */
const SILENCE = 3000;
/** What a message may take on a busy machine without any delay on purpose. */
const DELIVERY = 100;
/** How long a reply may be under way to its process when the server has stopped. */
const REPLY = 1000;

/** What the caches were told. */
export interface Terms {
  /** `isolated.serve` in milliseconds. */
  readonly serve: number;
  /** `staleWhileRevalidate` in milliseconds. */
  readonly keep: number;
}

/** A read that returned what it must not. */
export interface Violation {
  readonly kind: 'older than promised' | 'never committed';
  readonly process: string;
  readonly read: Read;
  /** What it should have heard of. */
  readonly invalidation?: Invalidation;
  readonly issuer?: string;
  /** How long after the invalidation counted the read began, and how long it might have been. */
  readonly after?: number;
  readonly window?: number;
}

interface Issued {
  readonly issuer: ProcessHistory;
  readonly invalidation: Invalidation;
}

/** The invalidations of one key, with the highest version of all up to each. */
interface KeyLine {
  readonly issued: readonly Issued[];
  readonly highest: readonly number[];
}

/** Every read that breaks the promise, at most `most` of them. */
export function findViolations(
  history: History,
  terms: Terms,
  most: number = 20,
): readonly Violation[] {
  const lines = linesOf(history);
  const violations: Violation[] = [];
  for (const process of history.processes) {
    for (const read of process.reads) {
      if (violations.length >= most) return violations;
      const committed = history.commits[read.key]?.[read.version];
      if (committed === undefined || committed > read.ended) {
        violations.push({ kind: 'never committed', process: process.name, read });
      }
      const line = lines.get(read.key);
      if (line === undefined) continue;
      const before = countBefore(line.issued, read.began);
      if (before === 0 || (line.highest[before - 1] ?? 0) <= read.version) continue;
      const violation = judge(history, terms, process, read, line.issued.slice(0, before));
      if (violation !== undefined) violations.push(violation);
    }
  }
  return violations;
}

/** The longest that a read was behind, in milliseconds, of those that kept the promise as well. */
export function longestStaleness(history: History): number {
  const lines = linesOf(history);
  let longest = 0;
  for (const process of history.processes) {
    for (const read of process.reads) {
      const line = lines.get(read.key);
      if (line === undefined) continue;
      const before = countBefore(line.issued, read.began);
      if (before === 0 || (line.highest[before - 1] ?? 0) <= read.version) continue;
      for (const { invalidation } of line.issued.slice(0, before)) {
        const { version, counted, soft } = invalidation;
        if (version > read.version && !soft) longest = Math.max(longest, read.began - counted);
      }
    }
  }
  return longest;
}

function judge(
  history: History,
  terms: Terms,
  process: ProcessHistory,
  read: Read,
  issued: readonly Issued[],
): Violation | undefined {
  for (const { issuer, invalidation } of issued) {
    if (invalidation.version <= read.version) continue;
    if (invalidation.soft && beganAfter(process, invalidation)) continue;
    const own = issuer === process;
    const from =
      own && !invalidation.soft
        ? invalidation.returned
        : countedFor(history.circumstances.rollbacks, issuer, invalidation, read);
    const after = read.began - from;
    // Most are nowhere near a window; what it was is only worked out for those that are.
    if (!(after > 0)) continue;
    const window = own
      ? softWindow(invalidation, terms)
      : othersWindow(history, terms, process, read, { ...invalidation, counted: from });
    if (after > window) {
      return {
        kind: 'older than promised',
        process: process.name,
        read,
        invalidation,
        issuer: issuer.name,
        after,
        window,
      };
    }
  }
  return undefined;
}

/** Of several soft invalidations within the time that they allow, the last counts. */
function softWindow({ soft }: Invalidation, { keep }: Terms): number {
  return soft ? 2 * keep : 0;
}

function beganAfter({ lags: [first] }: ProcessHistory, { counted }: Invalidation): boolean {
  return first !== undefined && first.from > counted;
}

function othersWindow(
  { circumstances }: History,
  terms: Terms,
  process: ProcessHistory,
  read: Read,
  invalidation: Invalidation,
): number {
  const span = { from: invalidation.counted, to: read.ended };
  const lag = mostIn(process.lags, span);
  const delivery = DELIVERY + mostIn(circumstances.delays, span) + mostIn(circumstances.lags, span);
  const isCalm = circumstances.calms.some(({ from, to }) => from <= span.from && span.to <= to);
  // What proves that nothing was missed was itself on its way for a while.
  const reachable = isCalm
    ? delivery + lag
    : Math.max(BEAT + delivery + GRACE, SILENCE + delivery + lag);
  const during = { from: read.began, to: read.ended };
  const isolated = process.isolations.some((isolation) => overlap(isolation, during));
  const window = isolated ? Math.max(reachable, terms.serve + delivery + lag) : reachable;
  return window + softWindow(invalidation, terms);
}

/** From when on others have to know of it. */
function countedFor(
  rollbacks: readonly Rollback[],
  issuer: ProcessHistory,
  { counted }: Invalidation,
  read: Read,
): number {
  let from = counted;
  for (const { kept, stopped, back } of rollbacks) {
    if (counted < kept || counted > back + REPLY || read.ended < stopped) continue;
    const recovery = issuer.recoveries.find(({ replaced }) => replaced >= stopped);
    from = Math.max(from, recovery?.settled ?? Infinity);
  }
  return from;
}

function linesOf({ processes }: History): ReadonlyMap<number, KeyLine> {
  const byKey = new Map<number, Issued[]>();
  for (const issuer of processes) {
    for (const invalidation of issuer.invalidations) {
      const all = byKey.get(invalidation.key);
      if (all === undefined) byKey.set(invalidation.key, [{ issuer, invalidation }]);
      else all.push({ issuer, invalidation });
    }
  }
  const lines = new Map<number, KeyLine>();
  for (const [key, all] of byKey) {
    const issued = all.toSorted(
      (one, other) => one.invalidation.returned - other.invalidation.returned,
    );
    const highest: number[] = [];
    for (const { invalidation } of issued) {
      highest.push(Math.max(highest.at(-1) ?? 0, invalidation.version));
    }
    lines.set(key, { issued, highest });
  }
  return lines;
}

/** How many of them had resolved before that time; they are in the order of it. */
function countBefore(issued: readonly Issued[], time: number): number {
  let low = 0;
  let high = issued.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((issued[middle]?.invalidation.returned ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mostIn(lags: readonly Lag[], span: Span): number {
  let most = 0;
  for (const lag of lags) if (overlap(lag, span)) most = Math.max(most, lag.most);
  return most;
}

function overlap(one: Span, other: Span): boolean {
  return one.from <= other.to && one.to >= other.from;
}
