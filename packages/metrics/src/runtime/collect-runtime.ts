import { isMainThread } from 'node:worker_threads';
import { Lifecycle, type Closeable } from '@perf/core';
import type { Registry } from '../registry/registry.ts';
import { Cgroup } from '../signals/cgroup.ts';
import { CpuSeries } from './cpu-series.ts';
import { EventLoopSeries } from './event-loop-series.ts';
import { GcSeries } from './gc-series.ts';
import { HeapSeries } from './heap-series.ts';
import { IoSeries } from './io-series.ts';
import { MemorySeries } from './memory-series.ts';
import { NetworkSeries } from './network-series.ts';
import { runtimeSettings, type RuntimeOptions, type RuntimeSettings } from './options.ts';
import { ProcessSeries } from './process-series.ts';
import type { RuntimePart } from './runtime-part.ts';

/**
 * Puts the series of the process and of Node to a registry, `process_…` and `nodejs_…`, by the names that prom-client gives them, so that
 * dashboards for that show them. Everything is read when the registry is; only collections of garbage are noted as they happen, and the delay
 * of the event loop is measured all the time. Keeps no process alive.
 *
 * In a worker thread it tells what is the thread's own: event loop, heap, collections of garbage. What the whole process has is told by its main
 * thread, so that their snapshots can be merged.
 * @returns what ends it: its series are gone then, but for the collections of garbage so far
 * @throws {@link ConfigError} naming the option that is refused
 * @throws {@link MetricConflictError} when the registry has another metric of that name
 * @example
 * const runtime = collectRuntime(registry);
 * // …
 * await runtime.close();
 */
export function collectRuntime(registry: Registry, options: RuntimeOptions = {}): Closeable {
  const parts = runtimeParts(registry, runtimeSettings(options));
  const forget = registry.collect((sink) => {
    for (const part of parts) part.collect(sink);
  });
  const lifecycle = new Lifecycle('collectRuntime', () => {
    forget();
    for (const part of parts) part.close?.();
  });
  const close = (): Promise<void> => lifecycle.close();
  return { close, [Symbol.asyncDispose]: close };
}

function runtimeParts(registry: Registry, settings: RuntimeSettings): readonly RuntimePart[] {
  const { signals, clock, gcBuckets } = settings;
  const cgroup = new Cgroup(clock);
  const parts: RuntimePart[] = [];
  if (signals.gc) parts.push(new GcSeries(registry, gcBuckets));
  if (signals.memory) parts.push(new HeapSeries());
  if (signals.eventLoop) parts.push(new EventLoopSeries(settings));
  if (!isMainThread) return parts;
  parts.push(new ProcessSeries(clock));
  if (signals.cpu) parts.push(new CpuSeries(cgroup));
  if (signals.memory) parts.push(new MemorySeries(cgroup));
  if (signals.io) parts.push(new IoSeries(clock));
  if (signals.network) parts.push(new NetworkSeries());
  return parts;
}
