import type { Cgroup } from '../../signals/cgroup.ts';
import { perSecond } from './rate.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** How long the control group was kept off the processor. */
export class ThrottleReader implements SampleReader {
  readonly #cgroup: Cgroup;
  #last: number;

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
    this.#last = cgroup.throttledTime();
  }

  read(draft: SampleDraft, elapsed: number): void {
    const now = this.#cgroup.throttledTime();
    draft.cpuThrottled = perSecond(now - this.#last, elapsed);
    this.#last = now;
  }
}
