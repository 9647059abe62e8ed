import { setTimeout as wait } from 'node:timers/promises';
import { startProxy, startRedis } from '@perf/test-servers';
import { seededRandom } from '@perf/core/testing';
import { FAULTS, type Fault, type Links } from './faults.ts';
import { Service } from './service.ts';
import { findGrowth, megabytes, type Measurement } from './verdict.ts';

/** In milliseconds. */
const BETWEEN_MEASUREMENTS = 5000;
const BETWEEN_FAULTS = 12_000;

/**
 * Two instances of a service under load for that long, one of them behind faults; prints how they are.
 * @returns whether memory was flat, and no caller got an error
 */
export async function soak(minutes: number): Promise<boolean> {
  await using redis = await startRedis();
  await using store = await startProxy({ target: redis });
  await using bus = await startProxy({ target: redis });
  const random = seededRandom(1);
  const services = [
    new Service({ store: String(store.url), bus: String(bus.url) }, 'soak', random),
    new Service({ store: redis.url, bus: redis.url }, 'soak', random),
  ];
  const end = performance.now() + minutes * 60_000;
  const faults = makeTrouble({ redis, store, bus }, end);
  const measurements = await watch(services, end);
  await faults;
  await Promise.all(services.map((service) => service.stop()));
  const failures = sum(services.map((service) => service.failures));
  const findings = [...findGrowth(measurements)];
  if (failures > 0) findings.push(`${failures} requests failed`);
  for (const finding of findings) print(`falls short: ${finding}`);
  if (findings.length === 0) print('memory is flat, and no request failed');
  return findings.length === 0;
}

async function watch(services: readonly Service[], end: number): Promise<Measurement[]> {
  const started = performance.now();
  const measurements: Measurement[] = [];
  print('minutes     held      rss  handles  requests  hits %  p99 ms  loads  errors  gaps');
  while (performance.now() < end) {
    await wait(BETWEEN_MEASUREMENTS);
    const at = (performance.now() - started) / 60_000;
    measurements.push({ at, held: held(), handles: process.getActiveResourcesInfo().length });
    print(line(services, measurements.at(-1) as Measurement));
  }
  return measurements;
}

function line(services: readonly Service[], { at, held: bytes, handles }: Measurement): string {
  const stats = services.map(({ cache }) => cache.stats());
  const hits = sum(stats.map((one) => one.hits)) / sum(stats.map((one) => one.lookups));
  return [
    at.toFixed(2).padStart(7),
    megabytes(bytes).padStart(9),
    megabytes(process.memoryUsage.rss()).padStart(9),
    String(handles).padStart(4),
    String(sum(services.map(({ requests }) => requests))).padStart(9),
    (hits * 100).toFixed(1).padStart(6),
    Math.max(...services.map((service) => service.takeP99()))
      .toFixed(1)
      .padStart(7),
    String(sum(stats.map(({ loads }) => loads))).padStart(7),
    String(sum(services.map(({ errors }) => errors))).padStart(6),
    String(sum(stats.map(({ gaps }) => gaps))).padStart(5),
  ].join(' ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

async function makeTrouble(links: Links, end: number): Promise<void> {
  for (let count = 0; ; count++) {
    await wait(Math.max(0, Math.min(BETWEEN_FAULTS, end - performance.now())));
    if (performance.now() + BETWEEN_FAULTS > end) return;
    const { name, run } = FAULTS[count % FAULTS.length] as Fault;
    print(`        ${name}`);
    await run(links);
  }
}

/** What the process holds after everything unreachable is gone. */
function held(): number {
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
