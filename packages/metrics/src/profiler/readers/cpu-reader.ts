import { cpuWaitOf, SCHEDULER_FILE } from '../../signals/cpu.ts';
import { ProcFile } from '../../signals/proc-file.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

const MICROSECONDS = 1000;

/** Processor time, and waiting for it. */
export class CpuReader implements SampleReader {
  #last: NodeJS.CpuUsage = process.cpuUsage();
  readonly #scheduler = new ProcFile(SCHEDULER_FILE);
  #lastWait: number = cpuWaitOf(this.#scheduler.read());

  read(draft: SampleDraft, elapsed: number): void {
    const now = process.cpuUsage();
    draft.cpuUser = (now.user - this.#last.user) / MICROSECONDS;
    draft.cpuSystem = (now.system - this.#last.system) / MICROSECONDS;
    draft.cpuShare = elapsed > 0 ? (draft.cpuUser + draft.cpuSystem) / elapsed : Number.NaN;
    this.#last = now;
    const wait = cpuWaitOf(this.#scheduler.read());
    draft.cpuWait = wait - this.#lastWait;
    this.#lastWait = wait;
  }

  close(): void {
    this.#scheduler.close();
  }
}
