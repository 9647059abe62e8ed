import type { OurPolicy } from '../caches/our-policies.ts';

/** Who is measured: one of our policies, or the peer. */
export type SpaceSubject = OurPolicy | 'lru-cache';

/** Work of one process: how much memory the entries of a full cache take, or an empty cache does. */
export interface SpaceInput {
  readonly subject: SpaceSubject;
  /** What the cache is bounded at. */
  readonly entries: number;
  readonly filled: boolean;
}

/** In bytes: per entry, or the whole empty cache. */
export interface SpaceOutput {
  readonly bytes: number;
  /** After half as many entries again were set. */
  readonly afterChurn?: number;
}
