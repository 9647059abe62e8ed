import type { LocalEntry } from './local-entry.ts';

/** When an entry needs more than to be served, and for what. */
export type Attention = Pick<
  LocalEntry<unknown>,
  'freshUntil' | 'refreshAt' | 'touchAt' | 'attention'
>;

/** One comparison for all of it at each hit. */
export function attentionOf({
  freshUntil,
  refreshAt,
  touchAt,
}: Omit<Attention, 'attention'>): number {
  return Math.min(freshUntil, refreshAt, touchAt);
}

/** Sets when a hit begins an early refresh. */
export function setRefreshAt(entry: Attention, time: number): void {
  entry.refreshAt = time;
  entry.attention = attentionOf(entry);
}

/** Sets when a read has the stores keep the entry for longer. */
export function setTouchAt(entry: Attention, time: number): void {
  entry.touchAt = time;
  entry.attention = attentionOf(entry);
}
