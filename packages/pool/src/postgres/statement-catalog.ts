/** A text that is worth to be prepared. */
export interface Statement {
  readonly text: string;
  /** When it was last used, in uses of all. */
  usedAt: number;
}

/** How often {@link StatementCatalog} must have seen a text, and how many it keeps. */
export interface CatalogOptions {
  readonly after: number;
  readonly max: number;
}

/** A text that is longer is never prepared: it was made for one use, most likely, and would be kept as a key. */
const LONGEST_TEXT = 20_000;
/** For each statement that is kept, so many texts are counted that may become one. */
const CANDIDATES = 5;

/** Which texts of a pool are used often. Both what it counts and what it keeps is bounded. */
export class StatementCatalog {
  readonly #options: CatalogOptions;
  readonly #hot = new Map<string, Statement>();
  /** How often each was seen; those that came first are given up first. */
  readonly #seen = new Map<string, number>();
  #uses = 0;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** How many statements are kept. */
  get size(): number {
    return this.#hot.size;
  }

  /** Counts one use. @returns the statement, when it is worth to be prepared */
  use(text: string): Statement | undefined {
    const known = this.#hot.get(text);
    if (known !== undefined) {
      known.usedAt = ++this.#uses;
      return known;
    }
    const { after, max } = this.#options;
    if (max === 0 || text.length > LONGEST_TEXT) return undefined;
    const count = (this.#seen.get(text) ?? 0) + 1;
    if (count < after) {
      this.#seen.set(text, count);
      if (this.#seen.size > max * CANDIDATES) deleteFirst(this.#seen);
      return undefined;
    }
    this.#seen.delete(text);
    if (this.#hot.size >= max) this.#evict();
    const statement = { text, usedAt: ++this.#uses };
    this.#hot.set(text, statement);
    return statement;
  }

  #evict(): void {
    const oldest = leastUsed(this.#hot.values());
    if (oldest !== undefined) this.#hot.delete(oldest.text);
  }
}

/** The one whose last use is the longest ago. */
export function leastUsed(statements: Iterable<Statement>): Statement | undefined {
  let oldest: Statement | undefined;
  for (const one of statements) {
    if (oldest === undefined || one.usedAt < oldest.usedAt) oldest = one;
  }
  return oldest;
}

function deleteFirst(map: Map<string, number>): void {
  const { done, value } = map.keys().next();
  if (done !== true) map.delete(value);
}
