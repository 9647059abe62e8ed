import { seededRandom } from '@perf/core/testing';
import type { SecondTier } from './cache.ts';
import { Cleanup } from './cleanup.ts';
import type { City } from './dataset/city.ts';
import { loadGeonames } from './dataset/geonames.ts';
import { prepareDatabase, startService, type RunningService } from './environment.ts';
import { LoadGenerator } from './load/load-generator.ts';
import type { Fault } from './load/messages.ts';
import { planRequests } from './load/plan.ts';
import { measure } from './measure.ts';
import type { DemoOptions } from './options.ts';
import type { Output } from './report/output.ts';
import type { CityCache } from './service/city-cache.ts';
import { StopRequest } from './stop-signal.ts';

/** What a run is given besides its options. */
export interface DemoSurroundings {
  readonly output: Output;
  readonly tier: SecondTier;
  /** Ends the run: with a rejection while it measures, normally once it serves. */
  readonly signal: AbortSignal;
  /** Where the cities come from. @default all of GeoNames' */
  readonly dataset?: () => Promise<readonly City[]>;
  /** Replaces the cache, for tests of what the demo notices. */
  readonly spoil?: (cache: CityCache) => CityCache;
}

/** Every run sends the same requests. */
const SEED = 20_261_120;

/**
 * One run, from the start of the database to the end of the service. Leaves no process and no file,
 * however it ends.
 * @returns how many answers were wrong or missing
 */
export async function runDemo(
  options: DemoOptions,
  surroundings: DemoSurroundings,
): Promise<number> {
  const { output, tier, signal } = surroundings;
  const cleanup = new Cleanup();
  try {
    if (tier.instead !== undefined) {
      output.line(`${tier.instead}: the second tier is files instead of SQLite`);
    }
    const { cities, queries } = await prepareDatabase(
      surroundings.dataset ?? loadGeonames,
      output,
      cleanup,
      signal,
    );
    const service = await startService(
      queries,
      tier,
      options.port,
      output,
      cleanup,
      surroundings.spoil,
    );
    const faults = await send(options, surroundings, service, cities, cleanup);
    if (!options.once) await serveUntilStopped(service, output, signal);
    return faults;
  } finally {
    await cleanup.run();
  }
}

/** The measurement and the checks. */
async function send(
  options: DemoOptions,
  { output, tier, signal }: DemoSurroundings,
  service: RunningService,
  cities: readonly City[],
  cleanup: Cleanup,
): Promise<number> {
  const plan = planRequests(cities, options.requests, seededRandom(SEED));
  const load = cleanup.add(
    new LoadGenerator({
      origin: service.server.origin,
      paths: plan.requests.map((request) => request.path),
      concurrency: options.concurrency,
    }),
    (load) => load.close(),
  );
  const { faultCount, faults, text } = await measure(
    plan,
    load,
    service,
    tier.name,
    output,
    signal,
  );
  output.line();
  output.line(text);
  if (faultCount === 0) {
    output.line('Every answer from the cache was the same as the database’s.');
  } else {
    output.line(`WRONG: ${faultCount} answers were not the database’s, such as`);
    for (const fault of faults) output.line(show(fault));
  }
  await load.close();
  return faultCount;
}

function show({ path, expected, received }: Fault): string {
  return `  ${path}\n    expected ${cut(expected)}\n    received ${cut(received)}`;
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

async function serveUntilStopped(
  { server }: RunningService,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  output.line();
  output.line(`Serving on ${server.origin} until Ctrl-C. Try, twice each:`);
  for (const path of ['/search?prefix=san', '/nearest?lat=52.52&lon=13.41&k=5', '/stats']) {
    output.line(`  curl -i '${server.origin}${path}'`);
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (signal.reason instanceof StopRequest) output.line(signal.reason.message);
}
