import { setTimeout as wait } from 'node:timers/promises';
import { startRedis, type RedisServer } from '@perf/test-servers';
import { withActors } from '../../harness/actor.ts';
import { median } from '../../harness/statistics.ts';
import type { Latencies, TakerInput, TakerSubject } from './taker-worker.ts';

const BEFORE = 300;
const WATCHED = 1500;

/** The longest that a decision takes when Redis stands still or is killed meanwhile, in milliseconds; the median of some runs. */
export async function measureOutage(
  how: 'freeze' | 'kill',
  subject: TakerSubject,
  runs: number,
): Promise<number> {
  const longest: number[] = [];
  for (let run = 0; run < runs; run++) {
    await using redis = await startRedis({ config: { appendonly: 'no' } });
    longest.push(await watchThrough(redis, how, subject));
  }
  return median(longest);
}

function watchThrough(
  redis: RedisServer,
  how: 'freeze' | 'kill',
  subject: TakerSubject,
): Promise<number> {
  const input: TakerInput = { url: redis.url, subject, rate: 10_000, burst: 1000 };
  return withActors(new URL('taker-worker.js', import.meta.url), [input], async ([actor]) => {
    const watched = actor?.call<Latencies>('watch', WATCHED) ?? Promise.resolve([]);
    await wait(BEFORE);
    if (how === 'freeze') await redis.freeze();
    else await redis.kill();
    return Math.max(...(await watched));
  });
}
