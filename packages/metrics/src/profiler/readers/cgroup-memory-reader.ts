import type { Cgroup } from '../../signals/cgroup.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** What the control group holds. */
export class CgroupMemoryReader implements SampleReader {
  readonly #cgroup: Cgroup;

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
  }

  read(draft: SampleDraft): void {
    draft.cgroupMemory = this.#cgroup.memoryInUse();
  }
}
