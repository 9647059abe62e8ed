import { EventLoopReadings } from '../../signals/event-loop.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** Delay and utilization of the event loop. */
export class EventLoopReader implements SampleReader {
  readonly #readings = new EventLoopReadings();

  beat(lateness: number): void {
    this.#readings.add(lateness);
  }

  read(draft: SampleDraft): void {
    const { p50, p99, max, utilization } = this.#readings.read();
    draft.loopDelayP50 = p50;
    draft.loopDelayP99 = p99;
    draft.loopDelayMax = max;
    draft.loopUtilization = utilization;
  }
}
