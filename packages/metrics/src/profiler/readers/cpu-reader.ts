import { readCpuWait } from '../../signals/cpu.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

const MICROSECONDS = 1000;

/** Processor time, and waiting for it. */
export class CpuReader implements SampleReader {
  #last: NodeJS.CpuUsage = process.cpuUsage();
  #lastWait: number = readCpuWait();

  read(draft: SampleDraft, elapsed: number): void {
    const now = process.cpuUsage();
    draft.cpuUser = (now.user - this.#last.user) / MICROSECONDS;
    draft.cpuSystem = (now.system - this.#last.system) / MICROSECONDS;
    draft.cpuShare = elapsed > 0 ? (draft.cpuUser + draft.cpuSystem) / elapsed : Number.NaN;
    this.#last = now;
    const wait = readCpuWait();
    draft.cpuWait = wait - this.#lastWait;
    this.#lastWait = wait;
  }
}
