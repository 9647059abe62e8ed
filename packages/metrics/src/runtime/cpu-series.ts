import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import type { Cgroup } from '../signals/cgroup.ts';
import { readCpu } from '../signals/cpu.ts';
import { readLimits } from '../signals/limits.ts';
import { seconds, type RuntimePart } from './runtime-part.ts';

const USER: CollectedMetric = {
  name: 'process_cpu_user_seconds_total',
  help: 'Total user CPU time spent in seconds.',
};
const SYSTEM: CollectedMetric = {
  name: 'process_cpu_system_seconds_total',
  help: 'Total system CPU time spent in seconds.',
};
const TOTAL: CollectedMetric = {
  name: 'process_cpu_seconds_total',
  help: 'Total user and system CPU time spent in seconds.',
};
const SWITCHES: CollectedMetric = {
  name: 'process_context_switches_total',
  help: 'How often the process waited for something (voluntary), or was taken off the processor (involuntary).',
};
const LIMIT: CollectedMetric = {
  name: 'process_cpu_limit_cores',
  help: 'Processors that the process may use: of its control group, else of the machine.',
};
const THROTTLED: CollectedMetric = {
  name: 'process_cpu_throttled_seconds_total',
  help: 'Time for which the control group was kept off the processor by its limit.',
};

/** Processor time. */
export class CpuSeries implements RuntimePart {
  readonly #cgroup: Cgroup;

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
  }

  collect(sink: CollectorSink): void {
    const { user, system, voluntarySwitches, involuntarySwitches } = readCpu();
    sink.counter(USER, seconds(user));
    sink.counter(SYSTEM, seconds(system));
    sink.counter(TOTAL, seconds(user + system));
    sink.counter(SWITCHES, voluntarySwitches, { kind: 'voluntary' });
    sink.counter(SWITCHES, involuntarySwitches, { kind: 'involuntary' });
    sink.gauge(LIMIT, readLimits(this.#cgroup).cpus);
    const throttled = this.#cgroup.throttledTime();
    if (!Number.isNaN(throttled)) sink.counter(THROTTLED, seconds(throttled));
  }
}
