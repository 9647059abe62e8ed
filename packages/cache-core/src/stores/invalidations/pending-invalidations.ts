import type { LedgerMember } from '../../contracts/store-fencing.ts';

/** What a store has to be told: keys to delete, ledger members to bump, or everything to clear. */
export type Invalidation =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'members'; readonly members: readonly LedgerMember[] }
  | { readonly kind: 'clear' };

/** A part of what is pending, taken by {@link PendingInvalidations.next}. */
export interface PendingBatch {
  readonly invalidation: Invalidation;
  /** What was added after this stays pending when the batch settles. */
  readonly upTo: number;
  /** Whether nothing of its kind is pending beside it. */
  readonly last: boolean;
}

/** How many items wait at most; beyond that everything is cleared instead. */
const CAPACITY = 10_000;
const KEYS_PER_BATCH = 500;
const MEMBERS_PER_BATCH = 100;
const NOTHING: ReadonlySet<never> = new Set();

/**
 * The invalidations that one store has not confirmed yet, each held until the reply of its replay. A
 * set or a delete whose outcome is unknown is replayed as a delete.
 */
export class PendingInvalidations {
  readonly #keys = new Map<string, number>();
  readonly #members = new Map<string, { readonly member: LedgerMember; readonly added: number }>();
  #cleared: number | undefined;
  #added = 0;

  get size(): number {
    return this.#keys.size + this.#members.size + (this.#cleared === undefined ? 0 : 1);
  }

  /** Whether the key must not be read from the store. */
  blocks(key: string): boolean {
    return this.#cleared !== undefined || this.#keys.has(key);
  }

  add(invalidation: Invalidation): void {
    const added = ++this.#added;
    if (invalidation.kind === 'clear') this.#collapse(added);
    else if (invalidation.kind === 'keys') {
      for (const key of invalidation.keys) this.#keys.set(key, added);
    } else {
      for (const member of invalidation.members) {
        this.#members.set(nameOf(member), { member, added });
      }
    }
    if (this.size > CAPACITY) this.#collapse(added);
  }

  /**
   * The next part to replay; only while there is one.
   * @param except keys that are left out
   */
  next(except: ReadonlySet<string> = NOTHING): PendingBatch {
    const upTo = this.#added;
    if (this.#cleared !== undefined) {
      return { invalidation: { kind: 'clear' }, upTo, last: true };
    }
    if (this.#members.size > 0) {
      const members = take(this.#members.values(), MEMBERS_PER_BATCH).map(({ member }) => member);
      const last = members.length === this.#members.size;
      return { invalidation: { kind: 'members', members }, upTo, last };
    }
    const keys = take(this.#keys.keys(), KEYS_PER_BATCH, except);
    return { invalidation: { kind: 'keys', keys }, upTo, last: keys.length === this.#keys.size };
  }

  /** The store has replied to the replay of the batch. */
  settle({ invalidation, upTo }: PendingBatch): void {
    if (invalidation.kind === 'clear') {
      if (this.#cleared !== undefined && this.#cleared <= upTo) this.#cleared = undefined;
    } else if (invalidation.kind === 'keys') {
      for (const key of invalidation.keys) {
        if ((this.#keys.get(key) ?? Infinity) <= upTo) this.#keys.delete(key);
      }
    } else {
      for (const member of invalidation.members) {
        const name = nameOf(member);
        if ((this.#members.get(name)?.added ?? Infinity) <= upTo) this.#members.delete(name);
      }
    }
  }

  /** A clear covers all that came before it. */
  #collapse(added: number): void {
    this.#keys.clear();
    this.#members.clear();
    this.#cleared = added;
  }
}

function nameOf({ kind, name }: LedgerMember): string {
  return `${kind}:${name}`;
}

/** The first of them, at most `count`. */
function take<T>(all: Iterable<T>, count: number, except: ReadonlySet<T> = NOTHING): T[] {
  const taken: T[] = [];
  for (const one of all) {
    if (taken.length === count) break;
    if (!except.has(one)) taken.push(one);
  }
  return taken;
}
