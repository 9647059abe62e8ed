import type { Judged } from '../invalidation/ledger-replica.ts';

/**
 * What the memory tier keeps for a key. Times ending in `Until` or `At` are monotonic milliseconds.
 *
 * Made field by field, in the same order everywhere: what is spread together keeps its fields outside the
 * object, takes microseconds to make, and a hit would pay for it.
 */
export interface LocalEntry<V> extends Judged {
  ledgerId: string;
  asOf: number;
  value: V;
  /** Whether the loader called it a negative result. */
  readonly negative: boolean;
  /** The stored copy's identity; empty when there is none. */
  nonce: string;
  /** Orders the entry's load against invalidations called in this process. */
  readonly born: number;
  /** Milliseconds since 1970 when it was stored. */
  readonly storedAt: number;
  readonly freshUntil: number;
  /** Until when it is kept at all. */
  readonly staleUntil: number;
  /** From when on a hit begins an early refresh; `Infinity` for never. */
  refreshAt: number;
  /** From when on a read has the stores keep it for longer; `Infinity` for never. */
  touchAt: number;
  /** The earliest of `freshUntil`, `refreshAt` and `touchAt`: until then a hit has only to serve. */
  attention: number;
  /** Monotonic time before which nothing was missed: the start of its load or its last proof. */
  verified: number;
  /** The ledger's epoch at that time. */
  epoch: number;
  /** The replica's version at which it was last found valid. */
  judged: number;
}
