import type { LedgerMember } from './store-fencing.ts';

/**
 * What other instances have to hear of a write, in messages that the store publishes without looking
 * into them, in the same step as it writes and never before.
 */
export interface StoreNews {
  /** Where to publish. */
  readonly channel: string;
  /**
   * That these keys have changed. The message carries a number: one that is asked for and not published
   * makes the others prove what they hold.
   */
  drop(keys: readonly string[]): string;
  /** That the loads under these tickets are over. */
  ended(tickets: readonly string[]): string;
  /**
   * That the members were bumped: `before`, the ledger's id, the number before and the new one with
   * single spaces between, `after`.
   */
  bump(members: readonly LedgerMember[]): { readonly before: string; readonly after: string };
}
