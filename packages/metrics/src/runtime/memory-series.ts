import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { readAddressSpace } from '../signals/address-space.ts';
import type { Cgroup } from '../signals/cgroup.ts';
import { readLimits } from '../signals/limits.ts';
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
/** Memory of the process and of its control group. */
export class MemorySeries implements RuntimePart {
  readonly #cgroup: Cgroup;

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
  }

  collect(sink: CollectorSink): void {
    const known = (metric: CollectedMetric, value: number): void => {
      if (!Number.isNaN(value)) sink.gauge(metric, value);
    };
    const { virtual, data } = readAddressSpace();
    known(RESIDENT, process.memoryUsage.rss());
    known(VIRTUAL, virtual);
    known(DATA, data);
    known(LIMIT, readLimits(this.#cgroup).memory);
    known(CGROUP, this.#cgroup.memoryInUse());
  }
}
