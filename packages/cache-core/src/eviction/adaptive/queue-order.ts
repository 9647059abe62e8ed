import { newerThan, oldestOf } from '../slot-queue.ts';
import { PROBATION, PROTECTED, WINDOW } from './entry-word.ts';

/** Whether the queue has more than one entry. */
export function hasSeveral(links: Int32Array, queue: number): boolean {
  const oldest = oldestOf(links, queue);
  return oldest !== queue && newerThan(links, oldest) !== queue;
}

/** The oldest entry of those in probation or, if there are none, protected, or in the window; 0 for none. */
export function firstOf(links: Int32Array): number {
  for (const queue of [PROBATION, PROTECTED, WINDOW]) {
    const oldest = oldestOf(links, queue);
    if (oldest !== queue) return oldest;
  }
  return 0;
}
