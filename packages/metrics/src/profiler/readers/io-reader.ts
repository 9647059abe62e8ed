import type { Clock } from '@perf/core';
import { readIo, type IoTotals } from '../../signals/file-io.ts';
import { ThreadPoolProbe } from '../../signals/thread-pool-probe.ts';
import { perSecond } from './rate.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** Disks, read and write calls, and the thread pool that serves files. */
export class IoReader implements SampleReader {
  readonly #probe: ThreadPoolProbe;
  #last: IoTotals = readIo();

  constructor(clock: Clock) {
    this.#probe = new ThreadPoolProbe(clock);
    this.#probe.probe();
  }

  read(draft: SampleDraft, elapsed: number): void {
    const now = readIo();
    const then = this.#last;
    this.#last = now;
    draft.diskRead = perSecond(now.diskRead - then.diskRead, elapsed);
    draft.diskWritten = perSecond(now.diskWritten - then.diskWritten, elapsed);
    draft.ioRead = perSecond(now.read - then.read, elapsed);
    draft.ioWritten = perSecond(now.written - then.written, elapsed);
    draft.threadPoolDelay = this.#probe.probe();
  }
}
