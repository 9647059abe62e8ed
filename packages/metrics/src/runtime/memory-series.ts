import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { readAddressSpace } from '../signals/address-space.ts';
import type { Cgroup } from '../signals/cgroup.ts';
import { readLimits } from '../signals/limits.ts';
import { readHeapSpaces } from '../signals/memory.ts';
import type { RuntimePart } from './runtime-part.ts';

const RESIDENT: CollectedMetric = {
  name: 'process_resident_memory_bytes',
  help: 'Resident memory size in bytes.',
};
const VIRTUAL: CollectedMetric = {
  name: 'process_virtual_memory_bytes',
  help: 'Virtual memory size in bytes.',
};
const DATA: CollectedMetric = { name: 'process_heap_bytes', help: 'Process heap size in bytes.' };
const LIMIT: CollectedMetric = {
  name: 'process_memory_limit_bytes',
  help: 'Memory that the process may use: of its control group, else of the machine.',
};
const CGROUP: CollectedMetric = {
  name: 'process_cgroup_memory_bytes',
  help: 'Memory that the control group holds, the cache of files included.',
};
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

/** Memory of the process, of V8's heap and its spaces, of the control group. */
export class MemorySeries implements RuntimePart {
  readonly #cgroup: Cgroup;

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
  }

  collect(sink: CollectorSink): void {
    this.#collectProcess(sink);
    for (const { name, size, used, available } of readHeapSpaces()) {
      sink.gauge(SPACE_TOTAL, size, { space: name });
      sink.gauge(SPACE_USED, used, { space: name });
      sink.gauge(SPACE_AVAILABLE, available, { space: name });
    }
  }

  #collectProcess(sink: CollectorSink): void {
    const known = (metric: CollectedMetric, value: number): void => {
      if (!Number.isNaN(value)) sink.gauge(metric, value);
    };
    const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const { virtual, data } = readAddressSpace();
    const { memory, heap } = readLimits(this.#cgroup);
    known(RESIDENT, rss);
    known(VIRTUAL, virtual);
    known(DATA, data);
    known(LIMIT, memory);
    known(CGROUP, this.#cgroup.memoryInUse());
    known(HEAP_TOTAL, heapTotal);
    known(HEAP_USED, heapUsed);
    known(HEAP_LIMIT, heap);
    known(EXTERNAL, external);
    known(ARRAY_BUFFERS, arrayBuffers);
  }
}
