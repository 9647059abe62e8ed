import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GhostQueue } from '../../src/eviction/ghost-queue.ts';

/** Every key that ever left, in a list. */
class ModelGhosts {
  readonly #length: number;
  readonly #buckets: number;
  readonly #left: { readonly hash: number; taken: boolean }[] = [];

  constructor(length: number) {
    this.#length = length;
    this.#buckets = Math.max(1, 2 ** Math.ceil(Math.log2((1.5 * length) / 4)));
  }

  add(hash: number): void {
    this.#left.push({ hash, taken: false });
  }

  /** Whether the key may be known: it is among the last, and was not taken since it left. */
  mayKnow(hash: number): boolean {
    return this.#find(hash) !== undefined;
  }

  /** Whether the key must be known: too few others were written to its bucket to push it out. */
  mustKnow(hash: number): boolean {
    const last = this.#left.findLastIndex((one) => one.hash === hash);
    if (last < this.#left.length - this.#length || this.#left[last]?.taken !== false) return false;
    const later = this.#left.slice(last + 1);
    return later.filter((one) => this.#bucketOf(one.hash) === this.#bucketOf(hash)).length < 4;
  }

  take(hash: number): void {
    const found = this.#find(hash);
    if (found !== undefined) found.taken = true;
  }

  #find(hash: number): { readonly hash: number; taken: boolean } | undefined {
    return this.#left.slice(-this.#length).findLast((one) => one.hash === hash && !one.taken);
  }

  #bucketOf(hash: number): number {
    return (hash >>> 0) % this.#buckets;
  }
}

const hash = fc.oneof(
  fc.integer({ min: -20, max: 40 }),
  // Of one bucket.
  fc.integer({ min: 0, max: 6 }).map((n) => n << 20),
);

test('knows the keys that left last, each until it is taken, and no others', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      // Counting wraps round in the middle of some.
      fc.constantFrom(0, -50, -100, 2 ** 31 - 60),
      fc.array(fc.record({ leaves: fc.boolean(), hash }), { minLength: 30, maxLength: 150 }),
      (length, start, steps) => {
        const ghosts = new GhostQueue(length, start);
        const model = new ModelGhosts(length);
        for (const { leaves, hash } of steps) {
          const must = model.mustKnow(hash);
          const known = ghosts.take(hash);
          if (must) expect(known).toBe(true);
          if (known) {
            expect(model.mayKnow(hash)).toBe(true);
            model.take(hash);
          }
          // A key comes before it leaves.
          if (!leaves) continue;
          ghosts.add(hash);
          model.add(hash);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a new queue knows nothing, not even the hash 0', () => {
  const ghosts = new GhostQueue(10);
  for (let hash = -100; hash < 100; hash++) expect(ghosts.take(hash)).toBe(false);
});

test('of the keys that left last it forgets few early, and of older ones it knows none', () => {
  const ghosts = new GhostQueue(10_000);
  const hashes = Array.from({ length: 30_000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  for (const hash of hashes) ghosts.add(hash);
  expect(hashes.slice(0, 20_000).filter((hash) => ghosts.take(hash))).toEqual([]);
  expect(hashes.slice(20_000).filter((hash) => ghosts.take(hash)).length).toBeGreaterThan(9000);
});
