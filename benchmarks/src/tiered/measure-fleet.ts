import type { RedisServer } from '@perf/test-servers';
import type { GroupContext } from '../harness/group.ts';
import type { Figure } from '../harness/target.ts';
import type { Findings } from './findings.ts';
import { measureFailures, measureLoads } from './fleet/measure-loads.ts';
import { measureOldValues } from './fleet/measure-old-values.ts';
import { measurePropagation } from './fleet/measure-propagation.ts';
import { measureFrozen } from './outages/measure-frozen.ts';
import { measureHerd } from './outages/measure-herd.ts';

type Part = readonly [name: string, measure: () => Promise<Figure>];

/** Of several instances on Redis, and of Redis in trouble. @param redis for what leaves it running */
export async function measureFleet(
  redis: RedisServer,
  { quick, output }: GroupContext,
): Promise<Findings> {
  const { url } = redis;
  const count = quick ? 30 : 500;
  const parts: readonly Part[] = [
    ['loads for 1,000 callers in one process', () => only(measureLoads(url, 1, quick ? 2 : 10))],
    ['loads for 1,000 callers in 8 processes', () => only(measureLoads(url, 8, quick ? 2 : 10))],
    ['p99 until a delete holds everywhere', () => only(measurePropagation(url, 'delete', count))],
    [
      'p99 until a tag invalidation holds everywhere',
      () => only(measurePropagation(url, 'tag', count)),
    ],
    ['old values after a bus cut of 5 s', () => only(measureOldValues('bus cut', redis))],
    [
      'old values after a black hole of the bus of 5 s',
      () => only(measureOldValues('bus black hole', redis)),
    ],
    [
      'old values in contact again after a black hole of everything of 5 s',
      () => only(measureOldValues('black hole', redis)),
    ],
    ['loads at once after a bus gap', () => only(measureHerd('bus gap'))],
    ['loads at once after the loss of Redis', () => only(measureHerd('loss of Redis'))],
    ['loads at once when Redis is back empty', () => only(measureHerd('Redis back empty'))],
  ];
  return output.task('instances and outages', parts.length + 2, async (onDone) => {
    const figures = new Map<string, Figure>();
    for (const [index, [name, measure]] of parts.entries()) {
      figures.set(name, await measure());
      onDone(index + 1);
    }
    const { loads, rejections } = await measureFailures(url);
    onDone(parts.length + 1);
    const frozen = await measureFrozen(quick ? 1 : 8);
    onDone(parts.length + 2);
    return {
      ...Object.fromEntries(figures),
      'loads for 100 callers of a failing loader': { ours: loads },
      'rejections of 100 such callers': { ours: rejections },
      'Redis frozen: cold read beyond timeout and loader': frozen.closed,
      'the same beyond the loader, gate open': frozen.open,
    };
  });
}

async function only(ours: Promise<number>): Promise<Figure> {
  return { ours: await ours };
}
