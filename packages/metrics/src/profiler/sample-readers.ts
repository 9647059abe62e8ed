import type { Clock } from '@perf/core';
import type { Cgroup } from '../signals/cgroup.ts';
import type { SignalSwitches } from '../signals/signal.ts';

import { CgroupMemoryReader } from './readers/cgroup-memory-reader.ts';
import { CpuReader } from './readers/cpu-reader.ts';
import { EventLoopReader } from './readers/event-loop-reader.ts';
import { GcReader } from './readers/gc-reader.ts';
import { IoReader } from './readers/io-reader.ts';
import { MemoryReader } from './readers/memory-reader.ts';
import { NetworkReader } from './readers/network-reader.ts';
import { ResourceReader } from './readers/resource-reader.ts';
import type { SampleReader } from './readers/sample-reader.ts';
import { ThrottleReader } from './readers/throttle-reader.ts';
import type { SampleReaders } from './sampler.ts';

/** Readers of the signals that are on. @param onMajorGc is told of each full collection */
export function sampleReaders(
  signals: SignalSwitches,
  clock: Clock,
  cgroup: Cgroup,
  onMajorGc: () => void,
): SampleReaders {
  const fast: SampleReader[] = [];
  const slow: SampleReader[] = [];
  if (signals.cpu) {
    fast.push(new CpuReader());
    slow.push(new ThrottleReader(cgroup));
  }
  if (signals.memory) {
    fast.push(new MemoryReader());
    slow.push(new CgroupMemoryReader(cgroup));
  }
  if (signals.eventLoop) {
    fast.push(new EventLoopReader());
    slow.push(new ResourceReader());
  }
  if (signals.gc) fast.push(new GcReader(onMajorGc));
  if (signals.io) slow.push(new IoReader(clock));
  if (signals.network) slow.push(new NetworkReader());
  return { fast, slow };
}
