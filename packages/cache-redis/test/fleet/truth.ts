import type { Commits } from './history.ts';

/** The same clock in all processes of a host, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** What the caches of a fleet are in front of: a version for each key. All see one order of commits. */
export class TruthStore {
  readonly #commits: number[][];

  constructor(keys: number) {
    const begun = now();
    this.#commits = Array.from({ length: keys }, () => [begun]);
  }

  get commits(): Commits {
    return this.#commits;
  }

  read(key: number): number {
    return (this.#commits[key]?.length ?? 1) - 1;
  }

  /** A new version for each of them, at once. */
  bump(keys: readonly number[]): readonly number[] {
    const at = now();
    return keys.map((key) => (this.#commits[key]?.push(at) ?? 1) - 1);
  }
}
