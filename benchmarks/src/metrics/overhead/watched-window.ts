import { createRegistry } from '@perf/metrics';
import { createProfiler } from '@perf/metrics/profiler';
import { collectRuntime } from '@perf/metrics/runtime';
import { setTimeout as wait } from 'node:timers/promises';

/** What watches the process: nothing, or all that is always on. */
export type Watch = 'off' | 'on';

/** So that what starts it is not counted. */
const SETTLE = 300;

/**
 * Processor time of the process while it is watched, in percent of one processor; the registry is read once, as by a scrape every
 * `duration`.
 * @param duration in milliseconds
 */
export async function watchedWindow(watch: Watch, duration: number): Promise<number> {
  const registry = createRegistry();
  const profiler = createProfiler();
  const runtime = watch === 'on' ? collectRuntime(registry) : undefined;
  if (watch === 'on') profiler.start();
  // As the scrapes after the first.
  if (watch === 'on') await registry.expose().text();
  await wait(SETTLE);
  const before = process.cpuUsage();
  const start = performance.now();
  await wait(duration / 2);
  if (watch === 'on') await registry.expose().text();
  await wait(duration / 2);
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / (performance.now() - start);
  await Promise.all([profiler.close(), runtime?.close(), registry.close()]);
  return share * 100;
}
