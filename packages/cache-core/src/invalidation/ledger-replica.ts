import type {
  BumpReply,
  LedgerDelta,
  LedgerFact,
  LedgerMember,
  LedgerPosition,
} from '../contracts/store-fencing.ts';
import { FactTable } from './fact-table.ts';
import { Marks } from './marks.ts';
import { compilePattern, type KeyPattern } from './pattern.ts';

/** What an entry must tell to be judged. */
export interface Judged {
  /** The ledger's id when its load began. */
  readonly ledgerId: string;
  /** The highest number known before its load began. */
  readonly asOf: number;
  readonly tags: readonly string[];
}

/**
 * `valid`; `soft`: invalidated softly at the number given by {@link LedgerReplica.softSeq}, so it may be
 * served stale for a while; or `dead`.
 */
export type Verdict = 'valid' | 'soft' | 'dead';

/** How a {@link LedgerReplica} deals with what it learns. */
export interface ReplicaOptions {
  /**
   * How long what is softly invalidated may be served, in milliseconds.
   * @default Infinity
   */
  readonly keepStale?: number;
  /**
   * There are more tags or patterns than are remembered one by one: everything up to this number counts
   * as invalidated.
   */
  readonly onOverflow?: ((kind: 'tag' | 'pattern', seq: number) => void) | undefined;
}

/** What became of a delta. */
export type DeltaResult =
  /** Known now. */
  | 'merged'
  /** There is more: read again. */
  | 'more'
  /** It is from another ledger than ours: read again from the start, then adopt. */
  | 'foreign'
  /** The ledger knows less than it did: its facts must be written again. */
  | 'rolled-back';

/** How many tags, and how many softly invalidated ones, are remembered one by one. */
const TAGS = 10_000;
/** How many patterns are: each costs a match per entry judged. */
const PATTERNS = 64;

/**
 * What one instance knows of the ledger: the number of the last invalidation of each tag, pattern and
 * of everything (the floor). Facts are merged by maximum, so that they may come in any order and
 * twice.
 */
export class LedgerReplica {
  #id = '';
  #complete = 0;
  #drop = 0;
  #reached = 0;
  #highest = 0;
  #floor = 0;
  #version = 0;
  #tick = 0;
  #lastMark = 0;
  readonly #tags = new FactTable(TAGS, 10);
  readonly #soft = new FactTable(TAGS, 10);
  /** An earlier number of each: what is older has been stale since then, not since the last one. */
  readonly #softSince = new FactTable(TAGS, 10);
  /** A number of each so long before the last one that what is older may not be served. */
  readonly #softOver = new FactTable(TAGS, 10);
  readonly #patterns = new FactTable(PATTERNS, 2);
  readonly #compiled = new Map<string, KeyPattern>();
  readonly #marks = new Marks();
  /** In µs, as the numbers are. */
  readonly #keepStale: number;
  readonly #onOverflow: ReplicaOptions['onOverflow'];

  constructor({ keepStale = Infinity, onOverflow }: ReplicaOptions = {}) {
    this.#keepStale = keepStale * 1000;
    this.#onOverflow = onOverflow;
  }

  /** The ledger's id; empty until it was first read. */
  get id(): string {
    return this.#id;
  }

  /** The highest number seen in this ledger; a load that begins now is as of this. */
  get reached(): number {
    return this.#reached;
  }

  /** The highest number ever seen, in a ledger that was lost as well; the next one has to be greater. */
  get highest(): number {
    return this.#highest;
  }

  /** Where to read on. */
  get position(): LedgerPosition {
    return { seq: this.#complete, drop: this.#drop };
  }

  /** Changes whenever an entry could be judged differently; equal means that a verdict still holds. */
  get version(): number {
    return this.#version;
  }

  /** The {@link nextTick} of the last {@link mark}: what began to be loaded before may not be obeying it. */
  get lastMark(): number {
    return this.#lastMark;
  }

  /** A number that orders loads and {@link mark}s within this process. */
  nextTick(): number {
    return ++this.#tick;
  }

  /**
   * Takes in what a bump wrote. False when numbers before it are missing, so that the replica is not
   * complete until the next delta.
   */
  mergeBump(members: readonly LedgerMember[], reply: BumpReply): boolean {
    this.#highest = Math.max(this.#highest, reply.seq);
    if (reply.id !== this.#id) return false;
    for (const member of members) this.#learn({ ...member, seq: reply.seq });
    const follows = reply.prev <= this.#complete;
    if (follows) this.#complete = Math.max(this.#complete, reply.seq);
    return follows;
  }

  /**
   * Takes in a delta that was asked for at `sent`.
   * @param adopt whether a foreign id is to be taken over: only for a reading from the start
   */
  mergeDelta(delta: LedgerDelta, sent: LedgerPosition, adopt: boolean): DeltaResult {
    if (delta.id !== this.#id) {
      if (this.#id !== '' && !adopt) return 'foreign';
      this.#reset(delta.id);
    } else if (delta.seq < sent.seq) {
      return 'rolled-back';
    }
    for (const fact of delta.facts) this.#learn(fact);
    this.#drop = Math.max(this.#drop, delta.drop);
    const known = delta.complete ? delta.seq : (delta.facts.at(-1)?.seq ?? 0);
    this.#complete = Math.max(this.#complete, known);
    this.#reach(this.#complete);
    return delta.complete ? 'merged' : 'more';
  }

  /**
   * Declares, until the returned function is called, that entries loaded before now which the members
   * concern are dead, and that such entries from a store are misses.
   * @param at another time than now, as a {@link nextTick}
   */
  mark(members: readonly LedgerMember[], at: number = this.nextTick()): () => void {
    this.#lastMark = Math.max(this.#lastMark, at);
    for (const member of members) this.#marks.hold(member, at);
    this.#version++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const ended = members.filter((member) => this.#marks.release(member));
      if (ended.length > 0) this.#version++;
    };
  }

  /**
   * Judges an entry by what is known now.
   * @param born the {@link nextTick} at which this process began to load it; −1 for one from a store
   */
  judge(key: string, entry: Judged, born: number): Verdict {
    const { ledgerId, asOf, tags } = entry;
    if (ledgerId !== this.#id || asOf < this.#floor) return 'dead';
    let verdict: Verdict = 'valid';
    for (const tag of tags) {
      if (this.#tags.seqOf(tag) > asOf) return 'dead';
      if (this.#soft.seqOf(tag) > asOf) verdict = 'soft';
    }
    if (this.#patterns.newest > asOf && this.#matchesSince(key, asOf)) return 'dead';
    return this.#marks.concern(key, tags, born) ? 'dead' : verdict;
  }

  /**
   * The number of the soft invalidation since which an entry is stale, `Infinity` if there is none: that of
   * the first one after it, or of a later one by less than the time that it may be served.
   */
  softSeq({ asOf, tags }: Judged): number {
    let first = Infinity;
    for (const tag of tags) {
      const seqs = [this.#softOver, this.#softSince, this.#soft].map((table) => table.seqOf(tag));
      first = Math.min(first, seqs.find((seq) => seq > asOf) ?? Infinity);
    }
    return first;
  }

  /** Names a ledger that lives in this process only, where there is no shared one. */
  adopt(id: string): void {
    this.#reset(id);
  }

  #matchesSince(key: string, asOf: number): boolean {
    for (const [source, seq] of this.#patterns.entries()) {
      if (seq > asOf && this.#compile(source).matches(key)) return true;
    }
    return false;
  }

  #compile(source: string): KeyPattern {
    let pattern = this.#compiled.get(source);
    if (pattern === undefined) {
      // Patterns come and go; what is compiled is at most a round of them.
      if (this.#compiled.size >= PATTERNS) this.#compiled.clear();
      pattern = compilePattern(source);
      this.#compiled.set(source, pattern);
    }
    return pattern;
  }

  #learn(fact: LedgerFact): void {
    const { kind, name, seq } = fact;
    if (kind === 'all') this.#raiseFloor(seq);
    else if (kind === 'tag') this.#forgot('tag', this.#tags.raise(name, seq));
    else if (kind === 'soft') this.#soften(name, seq);
    else this.#forgot('pattern', this.#patterns.raise(name, seq));
    this.#reach(seq);
    this.#version++;
  }

  /** A second soft invalidation is no reason to serve for longer what the first one concerned. */
  #soften(tag: string, seq: number): void {
    const last = this.#soft.seqOf(tag);
    const since = this.#softSince.seqOf(tag);
    if (last > 0 && seq > last && seq - since >= this.#keepStale) {
      if (since > 0) this.#forgot('tag', this.#softOver.raise(tag, since));
      this.#forgot('tag', this.#softSince.raise(tag, last));
    }
    this.#forgot('tag', this.#soft.raise(tag, seq));
  }

  #reach(seq: number): void {
    this.#reached = Math.max(this.#reached, seq);
    this.#highest = Math.max(this.#highest, seq);
  }

  /** What is forgotten one by one is remembered for everything. */
  #forgot(kind: 'tag' | 'pattern', seq: number): void {
    if (seq <= this.#floor) return;
    this.#raiseFloor(seq);
    this.#onOverflow?.(kind, seq);
  }

  #raiseFloor(seq: number): void {
    this.#floor = Math.max(this.#floor, seq);
  }

  #reset(id: string): void {
    this.#id = id;
    this.#complete = 0;
    this.#drop = 0;
    // A number of another ledger says nothing about this one: what is as of it would outlive too much.
    this.#reached = 0;
    this.#floor = 0;
    this.#tags.clear();
    this.#soft.clear();
    this.#softSince.clear();
    this.#softOver.clear();
    this.#patterns.clear();
    this.#version++;
  }
}
