import path from 'node:path';
import { createTemporaryFolder } from '@perf/test-servers';
import { withActors, type Actor } from '../../harness/actor.ts';
import { median } from '../../harness/statistics.ts';
import type { Figure } from '../../harness/target.ts';
import type { LockInput } from './lock.ts';

const MODULE = new URL('lock-worker.js', import.meta.url);
/** In milliseconds. */
const RUN = 1500;
const LEAD = 400;
const LOCK = 800;

/**
 * The longest turn of the event loop while a cache on SQLite is used and another process holds the lock; as
 * the peer's, the same without the lock. In milliseconds; medians over the times.
 */
export async function measureLock(times: number): Promise<Figure> {
  const locked: number[] = [];
  const free: number[] = [];
  for (let time = 0; time < times; time++) {
    free.push(await longestTurn(false));
    locked.push(await longestTurn(true));
  }
  return { ours: median(locked), peer: median(free) };
}

async function longestTurn(withLock: boolean): Promise<number> {
  await using folder = await createTemporaryFolder('lock');
  const input: LockInput = { file: path.join(folder.path, 'cache.db') };
  return await withActors(MODULE, [input, input], async ([user, holder]) => {
    const longest = (user as Actor).call<number>('longestTurn', RUN);
    if (withLock) {
      await new Promise((resolve) => setTimeout(resolve, LEAD));
      await (holder as Actor).call('holdLock', LOCK);
    }
    return longest;
  });
}
