import type { WriteResult } from '@perf/cache-core';
import type { StoreEvents } from '../events.ts';

/** What scripts that store answer for what is stored, and for want of room. */
const STORED = 1;
const NO_ROOM = 2;

/** What became of each entry; what there was no room for is told. */
export function readResults(
  operation: string,
  answers: readonly unknown[],
  events: StoreEvents,
): readonly WriteResult[] {
  const refused = answers.filter((one) => Number(one) === NO_ROOM).length;
  if (refused > 0) events.emit('full', { operation, entries: refused });
  return answers.map((one) => (Number(one) === STORED ? 'stored' : 'refused'));
}
