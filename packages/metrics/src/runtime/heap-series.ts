import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { readHeapLimit } from '../signals/heap-limit.ts';
import { readHeapSpaces } from '../signals/memory.ts';
import type { RuntimePart } from './runtime-part.ts';

const HEAP_TOTAL: CollectedMetric = {
  name: 'nodejs_heap_size_total_bytes',
  help: 'Process heap size from Node.js in bytes.',
};
const HEAP_USED: CollectedMetric = {
  name: 'nodejs_heap_size_used_bytes',
  help: 'Process heap size used from Node.js in bytes.',
};
const HEAP_LIMIT: CollectedMetric = {
  name: 'nodejs_heap_size_limit_bytes',
  help: 'Size in bytes to which the heap may grow.',
};
const EXTERNAL: CollectedMetric = {
  name: 'nodejs_external_memory_bytes',
  help: 'Node.js external memory size in bytes.',
};
const ARRAY_BUFFERS: CollectedMetric = {
  name: 'nodejs_array_buffers_bytes',
  help: 'Memory of ArrayBuffers and Buffers in bytes; part of the external memory.',
};
const SPACE_TOTAL: CollectedMetric = {
  name: 'nodejs_heap_space_size_total_bytes',
  help: 'Process heap space size total from Node.js in bytes.',
};
const SPACE_USED: CollectedMetric = {
  name: 'nodejs_heap_space_size_used_bytes',
  help: 'Process heap space size used from Node.js in bytes.',
};
const SPACE_AVAILABLE: CollectedMetric = {
  name: 'nodejs_heap_space_size_available_bytes',
  help: 'Process heap space size available from Node.js in bytes.',
};

/** V8's heap of this thread, and its spaces. */
export class HeapSeries implements RuntimePart {
  collect(sink: CollectorSink): void {
    const { heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
    sink.gauge(HEAP_TOTAL, heapTotal);
    sink.gauge(HEAP_USED, heapUsed);
    sink.gauge(HEAP_LIMIT, readHeapLimit());
    sink.gauge(EXTERNAL, external);
    sink.gauge(ARRAY_BUFFERS, arrayBuffers);
    for (const { name, size, used, available } of readHeapSpaces()) {
      sink.gauge(SPACE_TOTAL, size, { space: name });
      sink.gauge(SPACE_USED, used, { space: name });
      sink.gauge(SPACE_AVAILABLE, available, { space: name });
    }
  }
}
