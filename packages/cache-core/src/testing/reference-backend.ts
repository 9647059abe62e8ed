import { checkInteger, checkKnown, systemClock, type Clock } from '@perf/core';
import type { StoredEntry } from '../contracts/cache-store.ts';
import type { LedgerDelta, LedgerPosition } from '../contracts/store-fencing.ts';
import {
  DEFAULT_LEDGER_LIMITS,
  ReferenceLedger,
  type LedgerLimits,
  type LedgerSnapshot,
} from './reference-ledger.ts';

/** Options of {@link createReferenceBackend}. */
export interface ReferenceBackendOptions {
  /** The store's own time: expiry by `now()`, sequence numbers by `epoch()`. @default systemClock */
  readonly clock?: Clock;
  /** When the ledger forgets. @default 10,000 tags, 64 patterns, no age */
  readonly ledger?: Partial<LedgerLimits>;
  /** How many drops are kept for readers; older ones become a gap. @default 10_000 */
  readonly dropsKept?: number;
  /** Facts or drops that one `delta` returns, keys per page of `keys`. @default 1000 */
  readonly pageSize?: number;
}

interface Kept {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

interface Standing {
  readonly ticket: string;
  readonly expiresAt: number;
}

interface Drop {
  readonly key: string;
  readonly writer: string;
}

/**
 * What the instances of a {@link referenceStore} share: the place of a server or a file. The methods
 * that no store calls are for tests: they do what happens to a server behind everybody's back, and
 * look without disturbing.
 */
export class ReferenceBackend {
  readonly clock: Clock;
  readonly pageSize: number;
  readonly #dropsKept: number;
  readonly #limits: LedgerLimits;
  readonly #entries = new Map<string, Kept>();
  readonly #tickets = new Map<string, Standing>();
  #ledger: ReferenceLedger | undefined;
  #drops: Drop[] = [];
  /** The number of the last drop that was forgotten; the first one kept has the next number. */
  #forgotten = 0;
  #writers = 0;

  constructor(options: ReferenceBackendOptions = {}) {
    checkKnown('reference backend', options, ['clock', 'ledger', 'dropsKept', 'pageSize']);
    this.clock = options.clock ?? systemClock;
    this.pageSize = checkInteger('pageSize', options.pageSize ?? 1000);
    this.#dropsKept = checkInteger('dropsKept', options.dropsKept ?? 10_000, { min: 0 });
    this.#limits = { ...DEFAULT_LEDGER_LIMITS, ...options.ledger };
  }

  /** The keys of the entries that have not expired, in the order in which they were first written. */
  get keys(): readonly string[] {
    return [...this.#entries.keys()].filter((key) => this.entry(key) !== undefined);
  }

  /** The ledger; made when it is first asked for, and again after {@link loseLedger}. */
  get ledger(): ReferenceLedger {
    this.#ledger ??= new ReferenceLedger(this.#limits);
    return this.#ledger;
  }

  /** A name for one more instance. */
  nextWriter(): string {
    this.#writers++;
    return `writer ${this.#writers}`;
  }

  /** The entry, with a copy of its bytes; `undefined` if there is none or its time is over. */
  entry(key: string): Required<StoredEntry> | undefined {
    const kept = this.#entries.get(key);
    const remaining = kept === undefined ? 0 : kept.expiresAt - this.clock.now();
    return kept === undefined || remaining <= 0
      ? undefined
      : { bytes: copy(kept.bytes), remaining };
  }

  put(key: string, bytes: Uint8Array, ttl: number): void {
    this.#entries.set(key, { bytes: copy(bytes), expiresAt: this.clock.now() + ttl });
  }

  /** Gives an entry that is there another lifetime. */
  touch(key: string, ttl: number): void {
    const entry = this.entry(key);
    if (entry !== undefined) this.put(key, entry.bytes, ttl);
  }

  /** Removes the entry and nothing else; also what a server that is short of memory does. */
  evict(key: string): boolean {
    const existed = this.entry(key) !== undefined;
    this.#entries.delete(key);
    return existed;
  }

  /** Removes the entries whose time is over; how many there were. */
  sweep(): number {
    const now = this.clock.now();
    let removed = 0;
    for (const [key, { expiresAt }] of this.#entries) {
      if (expiresAt > now) continue;
      this.#entries.delete(key);
      removed++;
    }
    return removed;
  }

  /** The ticket that stands. */
  ticketOf(key: string): string | undefined {
    const standing = this.#tickets.get(key);
    return standing === undefined || standing.expiresAt <= this.clock.now()
      ? undefined
      : standing.ticket;
  }

  putTicket(key: string, ticket: string, ttl: number): void {
    this.#tickets.set(key, { ticket, expiresAt: this.clock.now() + ttl });
  }

  removeTicket(key: string): void {
    this.#tickets.delete(key);
  }

  /** Removes every entry and ticket; the ledger and the drops stay. */
  clear(): void {
    this.#entries.clear();
    this.#tickets.clear();
  }

  /** Records that `writer` wrote or deleted the key. */
  drop(key: string, writer: string): void {
    this.#drops.push({ key, writer });
    if (this.#drops.length > this.#dropsKept) this.forgetDrops(this.#dropsKept);
  }

  /** What is new to `reader`, who has read up to `position`. */
  delta(position: LedgerPosition, reader: string): LedgerDelta {
    const { id, highest: seq } = this.ledger;
    const { facts, complete } = this.ledger.read(position.seq, this.pageSize);
    const last = this.#forgotten + this.#drops.length;
    const gap = position.drop < this.#forgotten || position.drop > last;
    const first = gap ? last : position.drop;
    const drop = Math.min(last, first + this.pageSize);
    const drops = this.#drops
      .slice(first - this.#forgotten, drop - this.#forgotten)
      .filter(({ writer }) => writer !== reader)
      .map(({ key }) => key);
    return { id, facts, seq, drops, drop, gap, complete: complete && drop === last };
  }

  /** Forgets all drops but the newest `kept`. */
  forgetDrops(kept = 0): void {
    const forgotten = Math.max(0, this.#drops.length - kept);
    this.#drops = this.#drops.slice(forgotten);
    this.#forgotten += forgotten;
  }

  /** The ledger alone is gone, as after an eviction; the next use makes a new one. */
  loseLedger(): void {
    this.#ledger = undefined;
  }

  snapshotLedger(): LedgerSnapshot {
    return this.ledger.snapshot();
  }

  /** Puts an older copy in place of the ledger, as a failover to a lagging replica does. */
  restoreLedger(snapshot: LedgerSnapshot): void {
    this.#ledger = new ReferenceLedger(this.#limits, snapshot);
  }
}

/** Not `slice()`, which on a Buffer shares the memory. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The data behind one or several {@link referenceStore}s. */
export function createReferenceBackend(options: ReferenceBackendOptions = {}): ReferenceBackend {
  return new ReferenceBackend(options);
}
