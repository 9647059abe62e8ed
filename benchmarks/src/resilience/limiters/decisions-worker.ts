import { seededRandom } from '@perf/core/testing';
import { slidingWindow, tokenBucket } from '@perf/resilience';
import { TokenBucket } from 'limiter';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import {
  processorCost,
  takeTurns,
  type Contestant,
  type Cost,
  type Rounds,
} from '../../harness/turns.ts';
import type * as Loops from './loops.ts';
import { CONTROL, DECISIONS, FLEXIBLE, LIMITER, OURS } from './names.ts';

/** Work of one process. */
export interface DecisionsInput {
  readonly seed: number;
  readonly rounds: Rounds;
}

type Subject =
  | { readonly name: string; readonly decide: (key: string) => boolean }
  | { readonly name: string; readonly ask: (key: string) => Promise<unknown> };

const KEYS = Array.from({ length: 100 }, (_, index) => `user:${index}`);
const COUNT = 200_000;
const AWAITED_COUNT = 50_000;
/** Far more than a benchmark takes: every decision is an admission. */
const PLENTY = 1e9;
const RATE = 1000;

function subjects(): Subject[] {
  const limiter = (name: string): Subject => {
    const bucket = new TokenBucket({
      bucketSize: PLENTY,
      tokensPerInterval: RATE,
      interval: 'second',
    });
    // It begins empty.
    bucket.content = PLENTY;
    return { name, decide: () => bucket.tryRemoveTokens(1) };
  };
  const one = tokenBucket({ rate: RATE, burst: PLENTY });
  const keyed = tokenBucket({ rate: RATE, burst: PLENTY });
  const window = slidingWindow({ limit: PLENTY, window: '1m' });
  const awaited = tokenBucket({ rate: RATE, burst: PLENTY });
  const flexible = new RateLimiterMemory({ points: PLENTY, duration: 60 });
  return [
    limiter(LIMITER),
    limiter(CONTROL),
    { name: OURS.one, decide: () => one.tryTake().admitted },
    { name: OURS.keyed, decide: (key) => keyed.tryTake(key).admitted },
    { name: OURS.window, decide: (key) => window.tryTake(key).admitted },
    { name: OURS.awaited, ask: (key) => awaited.take(key) },
    { name: FLEXIBLE, ask: (key) => flexible.consume(key) },
  ];
}

async function measure({ seed, rounds }: DecisionsInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const contestants: Contestant[] = [];
  for (const subject of shuffled(subjects(), random)) {
    const { name } = subject;
    const url = new URL(`loops.js?for=${encodeURIComponent(name)}`, import.meta.url);
    const { awaitAll, decideAll } = (await import(url.href)) as typeof Loops;
    const isAwaited = 'ask' in subject;
    const count = isAwaited ? AWAITED_COUNT : COUNT;
    contestants.push({
      subject: name,
      workload: DECISIONS,
      run: () =>
        processorCost(count, async () => {
          if (isAwaited) {
            await awaitAll(subject.ask, KEYS, count);
            return;
          }
          const admitted = decideAll(subject.decide, KEYS, count);
          if (admitted !== count) throw new Error(`${name} admitted ${admitted} of ${count}`);
        }),
    });
  }
  return takeTurns(contestants, rounds, random);
}

serveJob(measure);
