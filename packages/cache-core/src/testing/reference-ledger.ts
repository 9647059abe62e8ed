import { randomBytes } from 'node:crypto';
import type {
  BumpReply,
  LedgerFact,
  LedgerKind,
  LedgerMember,
} from '../contracts/store-fencing.ts';

/** When a ledger forgets single facts and raises its floor (the fact of kind `all`) instead. */
export interface LedgerLimits {
  /** More tags than this, and as many softly invalidated ones: the oldest tenth goes. @default 10_000 */
  readonly tags: number;
  /** More patterns than this: the oldest half goes. @default 64 */
  readonly patterns: number;
  /** The longest lifetime of an entry, in milliseconds: older facts concern nothing. @default Infinity */
  readonly maxAge: number;
}

export const DEFAULT_LEDGER_LIMITS: LedgerLimits = { tags: 10_000, patterns: 64, maxAge: Infinity };

/** A copy of a ledger, as a backup or a lagging replica of the store would have it. */
export interface LedgerSnapshot {
  readonly id: string;
  readonly facts: readonly LedgerFact[];
}

/** How many facts too old to matter one bump removes at most. */
const AGED_PER_BUMP = 100;

/** The ledger of one namespace, written for being right at sight: sorted lists, no index. */
export class ReferenceLedger {
  readonly id: string;
  readonly #limits: LedgerLimits;
  readonly #facts = new Map<string, LedgerFact>();

  constructor(limits: LedgerLimits, snapshot?: LedgerSnapshot) {
    this.#limits = limits;
    this.id = snapshot?.id ?? randomBytes(8).toString('hex');
    for (const fact of snapshot?.facts ?? []) this.#put(fact);
  }

  get highest(): number {
    return [...this.#facts.values()].reduce((highest, { seq }) => Math.max(highest, seq), 0);
  }

  /** @param micros the store's time, in microseconds since 1970 */
  bump(members: readonly LedgerMember[], reached: number, micros: number): BumpReply {
    const prev = this.highest;
    // Nothing would carry the new number, and readers would take the ledger for rolled back.
    if (members.length === 0) return { id: this.id, prev, seq: prev };
    const seq = Math.max(prev, reached, micros) + 1;
    for (const { kind, name } of members) this.#put({ kind, name, seq });
    this.#trim(micros);
    return { id: this.id, prev, seq };
  }

  /** At least `limit` facts after `seq` if there are so many; facts of one number stay together. */
  read(seq: number, limit: number): { facts: readonly LedgerFact[]; complete: boolean } {
    const facts = this.#ascending((fact) => fact.seq > seq);
    const last = facts[limit - 1]?.seq ?? Infinity;
    const page = facts.filter((fact) => fact.seq <= last);
    return { facts: page, complete: page.length === facts.length };
  }

  snapshot(): LedgerSnapshot {
    return { id: this.id, facts: this.#ascending(() => true) };
  }

  #trim(micros: number): void {
    const { tags, patterns, maxAge } = this.#limits;
    const aged = this.#ascending(({ kind, seq }) => kind !== 'all' && seq < micros - maxAge * 1000);
    this.#forget(aged.slice(0, AGED_PER_BUMP));
    this.#bound('tag', tags, 1 / 10);
    this.#bound('soft', tags, 1 / 10);
    this.#bound('pattern', patterns, 1 / 2);
  }

  #bound(kind: LedgerKind, limit: number, share: number): void {
    const facts = this.#ascending((fact) => fact.kind === kind);
    if (facts.length > limit) this.#forget(facts.slice(0, Math.ceil(facts.length * share)));
  }

  /** What is forgotten one by one is remembered for everything. */
  #forget(facts: readonly LedgerFact[]): void {
    const last = facts.at(-1);
    if (last === undefined) return;
    for (const fact of facts) this.#facts.delete(nameOf(fact));
    const floor = this.#facts.get(nameOf({ kind: 'all', name: '' }))?.seq ?? 0;
    this.#put({ kind: 'all', name: '', seq: Math.max(floor, last.seq) });
  }

  #put(fact: LedgerFact): void {
    this.#facts.set(nameOf(fact), fact);
  }

  #ascending(matches: (fact: LedgerFact) => boolean): LedgerFact[] {
    return [...this.#facts.values()]
      .filter(matches)
      .toSorted((left, right) => left.seq - right.seq);
  }
}

function nameOf({ kind, name }: LedgerMember): string {
  return `${kind}:${name}`;
}
