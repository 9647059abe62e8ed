import { availableParallelism, totalmem } from 'node:os';
import type { Cgroup } from './cgroup.ts';
import { readHeapLimit } from './heap-limit.ts';

/** How much the process may have. */
export interface ProcessLimits {
  /** Bytes of memory: of the control group where it has a limit, else of the machine. */
  readonly memory: number;
  /** Where {@link memory} comes from. */
  readonly memorySource: 'cgroup' | 'machine';
  /** Bytes of V8's heap at which it gives up: `--max-old-space-size` where that is set. */
  readonly heap: number;
  /** Processors, with fractions: of the control group where it has a limit, else those that the process may run on. */
  readonly cpus: number;
  /** Where {@link cpus} comes from. */
  readonly cpusSource: 'cgroup' | 'machine';
  /** Threads of libuv's pool (`UV_THREADPOOL_SIZE`). */
  readonly threadPool: number;
}

const DEFAULT_THREADS = 4;
const MOST_THREADS = 1024;

/** The limits as they are now; control groups may be changed while a process runs. */
export function readLimits(cgroup: Cgroup): ProcessLimits {
  const { memory, cpus } = cgroup.limits();
  const machineMemory = totalmem();
  const machineCpus = availableParallelism();
  const isMemoryLimited = memory !== undefined && memory < machineMemory;
  const areCpusLimited = cpus !== undefined && cpus < machineCpus;
  return {
    memory: isMemoryLimited ? memory : machineMemory,
    memorySource: isMemoryLimited ? 'cgroup' : 'machine',
    heap: readHeapLimit(),
    cpus: areCpusLimited ? cpus : machineCpus,
    cpusSource: areCpusLimited ? 'cgroup' : 'machine',
    threadPool: threadPoolSize(process.env['UV_THREADPOOL_SIZE']),
  };
}

/** As libuv reads it: what is no number, or below 1, is 1; what is absent, 4. */
function threadPoolSize(setting: string | undefined): number {
  if (setting === undefined) return DEFAULT_THREADS;
  const threads = Number.parseInt(setting, 10);
  return Math.min(Math.max(Number.isNaN(threads) ? 1 : threads, 1), MOST_THREADS);
}
