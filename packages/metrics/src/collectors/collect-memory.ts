import type { Unsubscribe } from '@perf/core';
import type { Registry } from '../registry/registry.ts';

const KINDS = {
  rss: 'rss',
  heapUsed: 'heap_used',
  heapTotal: 'heap_total',
  external: 'external',
  arrayBuffers: 'array_buffers',
} as const;

/** Tells the memory of this process as `memory_usage_bytes`, by kind. @returns ends it */
export function collectMemory(registry: Registry): Unsubscribe {
  return registry.collect((sink) => {
    const usage = process.memoryUsage();
    for (const [field, kind] of Object.entries(KINDS)) {
      const metric = { name: 'memory_usage_bytes', help: 'Memory of the process' };
      sink.gauge(metric, usage[field as keyof typeof KINDS], { kind });
    }
  });
}
