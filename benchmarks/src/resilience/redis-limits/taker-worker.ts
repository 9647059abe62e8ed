import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { redisRateLimiter } from '@perf/resilience/redis';
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { serveActor, type Methods } from '../../harness/actor.ts';

/** Who decides. */
export type TakerSubject = 'lease' | 'strict' | 'rate-limiter-flexible';

/** What a process is opened with. */
export interface TakerInput {
  readonly url: string;
  readonly subject: TakerSubject;
  /** A second, for all processes together. */
  readonly rate: number;
  readonly burst: number;
  /** In milliseconds. @default the limiter's own */
  readonly deadline?: number;
}

/** How it is to take. */
export interface Taking {
  /** When it begins, by the clock that all processes of this host share, in milliseconds. */
  readonly at: number;
  readonly duration: number;
  /** Requests a second of this process. */
  readonly offered: number;
}

/** What came of that. */
export interface Taken {
  readonly offered: number;
  /** When each admission was there, by the shared clock. */
  readonly times: Float64Array;
}

/** How long decisions took, in milliseconds. */
export type Latencies = readonly number[];

/** No process has more requests under way. */
const MOST_AT_ONCE = 2000;

async function open(input: TakerInput): Promise<Methods> {
  const client = new Redis(input.url);
  // Told by what the limiter decides.
  client.on('error', () => undefined);
  await client.ping();
  const take = takerOf(client, input);
  await take();
  return {
    async take({ at, duration, offered: perSecond }: Taking): Promise<Taken> {
      const times: number[] = [];
      let offered = 0;
      let atOnce = 0;
      const settle = (isAdmitted: boolean): void => {
        atOnce--;
        if (isAdmitted) times.push(sharedNow());
      };
      await wait(Math.max(0, at - sharedNow()));
      for (let now = sharedNow(); now - at < duration; now = sharedNow()) {
        const due = Math.floor(((now - at) / 1000) * perSecond);
        for (; offered < due && atOnce < MOST_AT_ONCE; offered++) {
          atOnce++;
          void take().then(settle);
        }
        await setImmediate();
      }
      return { offered, times: Float64Array.from(times) };
    },
    /** Asks every millisecond or two. @returns how long each decision took */
    async watch(duration: number): Promise<Latencies> {
      const latencies: Promise<number>[] = [];
      const end = performance.now() + duration;
      while (performance.now() < end) {
        const asked = performance.now();
        latencies.push(take().then(() => performance.now() - asked));
        await wait(1);
      }
      return Promise.all(latencies);
    },
  };
}

function takerOf(
  client: Redis,
  { subject, rate, burst, deadline }: TakerInput,
): () => Promise<boolean> {
  if (subject === 'rate-limiter-flexible') {
    const limiter = new RateLimiterRedis({ storeClient: client, points: rate, duration: 1 });
    return () =>
      limiter.consume('k').then(
        () => true,
        () => false,
      );
  }
  const options = { client, prefix: 'bench', mode: subject, rate, burst };
  const limiter = redisRateLimiter({
    ...options,
    ...(deadline === undefined ? {} : { deadline }),
  });
  return async () => (await limiter.take('k', { timeout: 0 })).admitted;
}

/** Milliseconds of the clock that all processes of this host share. */
function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

serveActor(open);
