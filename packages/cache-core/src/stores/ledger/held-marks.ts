import type { LedgerMember } from '../../contracts/store-fencing.ts';
import type { LedgerReplica } from '../../invalidation/ledger-replica.ts';

interface HeldMark {
  readonly member: LedgerMember;
  readonly release: () => void;
}

const EVERYTHING: LedgerMember = { kind: 'all', name: '' };
/** How many members, and patterns among them, are marked one by one; then everything is. */
const MEMBERS = 10_000;
/** Each costs a match for every entry that is judged. */
const PATTERNS = 64;

/** The marks of invalidations that have come equally far: one for each member, however often it was invalidated. */
export class HeldMarks {
  readonly #replica: LedgerReplica;
  readonly #held = new Map<string, HeldMark>();
  #patterns = 0;
  #latest = 0;

  constructor(replica: LedgerReplica) {
    this.#replica = replica;
  }

  /** @param at the {@link LedgerReplica.nextTick} of their invalidation */
  add(members: readonly LedgerMember[], at: number): void {
    this.#latest = Math.max(this.#latest, at);
    for (const member of members) {
      this.#hold({ member, release: this.#replica.mark([member], at) });
    }
    this.#bound();
  }

  /** They have come as far as these. */
  takeFrom(others: HeldMarks): void {
    this.#latest = Math.max(this.#latest, others.#latest);
    for (const mark of others.#held.values()) this.#hold(mark);
    others.#forget();
    this.#bound();
  }

  release(): void {
    for (const { release } of this.#held.values()) release();
    this.#forget();
  }

  #hold(mark: HeldMark): void {
    const { kind, name } = mark.member;
    const id = `${kind}:${name}`;
    // The one that is held already has become as late as this one.
    if (this.#held.has(id)) {
      mark.release();
      return;
    }
    this.#held.set(id, mark);
    if (kind === 'pattern') this.#patterns++;
  }

  #bound(): void {
    if (this.#held.size <= MEMBERS && this.#patterns <= PATTERNS) return;
    const everything = this.#replica.mark([EVERYTHING], this.#latest);
    this.release();
    this.#hold({ member: EVERYTHING, release: everything });
  }

  #forget(): void {
    this.#held.clear();
    this.#patterns = 0;
  }
}
