import type { RunningService } from './environment.ts';
import type { LoadGenerator } from './load/load-generator.ts';
import type { Fault, Order, Outcome } from './load/messages.ts';
import type { Plan } from './load/plan.ts';
import type { Output } from './report/output.ts';
import { figuresOf } from './report/phase.ts';
import { endpointTable, phaseTable } from './report/tables.ts';

/** What came of a measurement. */
export interface Measurement {
  /** The tables. */
  readonly text: string;
  readonly faultCount: number;
  /** The first few wrong answers. */
  readonly faults: readonly Fault[];
}

/** The database is slow: it gets this part of the stream, within the bounds. */
const UNCACHED = { part: 0.15, min: 100, max: 4000 } as const;
/** How often each city's population is raised. */
const ROUNDS = 10;

/** Sends the stream in all phases, restarts the cache in between, and checks every answer. */
export async function measure(
  plan: Plan,
  load: LoadGenerator,
  service: RunningService,
  secondTier: string,
  output: Output,
  signal: AbortSignal,
): Promise<Measurement> {
  const faults: Fault[] = [];
  let faultCount = 0;
  const run = async (label: string, total: number, order: Order): Promise<Outcome> => {
    const outcome = await output.task(label, total, (onProgress) =>
      load.run(order, onProgress, signal),
    );
    faultCount += outcome.faultCount;
    faults.push(...outcome.faults);
    return outcome;
  };
  const send = (label: string, stream: Uint32Array, fresh: boolean): Promise<Outcome> =>
    run(label, stream.length, { kind: 'stream', stream, fresh });

  const { stream, requests, updated } = plan;
  const part = Math.round(stream.length * UNCACHED.part);
  const head = stream.subarray(0, Math.max(UNCACHED.min, Math.min(UNCACHED.max, part)));
  const uncached = await send('database, no cache', head, true);
  const cached = await send('cached, empty at first', stream, false);
  await service.restartCache();
  const restarted = await send(`cached, restarted (${secondTier} kept)`, stream, false);

  const distinct = Uint32Array.from(new Set(stream));
  await run('checking against the database', distinct.length, {
    kind: 'check',
    stream: distinct,
    what: 'remembered',
  });
  const updates = await run('updates under load', updated.length * ROUNDS * 4, {
    kind: 'update',
    cities: updated.map(({ id, population }) => ({ id, population })),
    rounds: ROUNDS,
  });
  await run('checking again after the updates', distinct.length, {
    kind: 'check',
    stream: distinct,
    what: 'present',
  });

  const phases = [
    figuresOf('database, no cache', uncached),
    figuresOf('cached, empty at first', cached),
    figuresOf('cached, restarted', restarted),
    figuresOf('updates under load', updates),
  ];
  const byEndpoint = endpointTable(
    requests,
    { outcome: uncached, stream: head },
    { outcome: cached, stream },
  );
  return { text: `${phaseTable(phases, secondTier)}\n${byEndpoint}`, faultCount, faults };
}
