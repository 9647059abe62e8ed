import type { RedisServer } from '@perf/test-servers';
import { withActors } from '../../harness/actor.ts';
import { median } from '../../harness/statistics.ts';
import { errorPercent, mostAtOnce } from '../limiters/admissions.ts';
import type { Taken, TakerInput, TakerSubject, Taking } from './taker-worker.ts';

const PROCESSES = 4;
const RATE = 50_000;
const BURST = 5000;
/** So long that a process of a busy machine does not take Redis for gone. */
const DEADLINE = 2000;

/** What four processes that share a limit came to. */
export interface FleetFigures {
  /** How far from what is allowed the admissions were, in percent, whether more or fewer. */
  readonly error: number;
  /** The same, with its sign. */
  readonly signed: number;
  /** Requests, in parts of what is allowed: 2, unless the machine cannot keep up. */
  readonly offered: number;
  /** Commands that Redis was sent, for a thousand requests. */
  readonly commands: number;
  /** The most that any stretch had above rate · W + burst. */
  readonly excess: number;
}

/** Offers twice the rate, by processes of their own, some times. @returns the medians */
export async function measureFleet(
  redis: RedisServer,
  subject: TakerSubject,
  duration: number,
  runs: number,
): Promise<FleetFigures> {
  const figures: FleetFigures[] = [];
  for (let run = 0; run < runs; run++) figures.push(await measureOnce(redis, subject, duration));
  const of = (name: keyof FleetFigures): number => median(figures.map((one) => one[name]));
  return {
    error: of('error'),
    signed: of('signed'),
    offered: of('offered'),
    commands: of('commands'),
    excess: of('excess'),
  };
}

async function measureOnce(
  redis: RedisServer,
  subject: TakerSubject,
  duration: number,
): Promise<FleetFigures> {
  const input: TakerInput = {
    url: redis.url,
    subject,
    rate: RATE,
    burst: BURST,
    deadline: DEADLINE,
  };
  const inputs = Array.from({ length: PROCESSES }, () => input);
  return withActors(new URL('taker-worker.js', import.meta.url), inputs, async (actors) => {
    await redis.command('FLUSHALL');
    await redis.command('CONFIG', 'RESETSTAT');
    const taking: Taking = {
      at: Number(process.hrtime.bigint()) / 1e6 + 200,
      duration,
      offered: (RATE * 2) / PROCESSES,
    };
    const taken = await Promise.all(actors.map((actor) => actor.call<Taken>('take', taking)));
    const commands = scriptCalls(String(await redis.command('INFO', 'commandstats')));
    const times = taken
      .flatMap((one) => [...one.times])
      .map((time) => time - taking.at)
      .toSorted((a, b) => a - b);
    const offered = taken.reduce((sum, one) => sum + one.offered, 0);
    const signed = errorPercent({ span: duration, offered, times }, RATE / 1000, BURST);
    return {
      error: Math.abs(signed),
      signed,
      offered: offered / ((RATE / 1000) * duration),
      commands: (commands / offered) * 1000,
      excess: Math.max(0, mostAtOnce(times, RATE / 1000) - BURST),
    };
  });
}

/** Both limiters ask by scripts; what these do within Redis is theirs. */
function scriptCalls(stats: string): number {
  let calls = 0;
  for (const [, count] of stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)) {
    calls += Number(count);
  }
  return calls;
}
