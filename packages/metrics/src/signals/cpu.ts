/** What the process has used since its start. */
export interface CpuTotals {
  /** Milliseconds in user mode and in the kernel, all threads. */
  readonly user: number;
  readonly system: number;
  /** How often it gave the processor up by waiting, and how often it was taken away. */
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

export function readCpu(): CpuTotals {
  const usage = process.resourceUsage();
  return {
    user: usage.userCPUTime / 1000,
    system: usage.systemCPUTime / 1000,
    voluntarySwitches: usage.voluntaryContextSwitches,
    involuntarySwitches: usage.involuntaryContextSwitches,
  };
}

/** Where Linux tells how long the main thread of the process has waited for a processor. */
export const SCHEDULER_FILE = '/proc/self/schedstat';

/**
 * Milliseconds since the start for which the main thread could have run and had no processor; `NaN` where the system does not tell.
 * @param text of {@link SCHEDULER_FILE}
 */
export function cpuWaitOf(text: string | undefined): number {
  const [, waited] = (text ?? '').split(' ');
  return waited === undefined ? Number.NaN : Number(waited) / 1e6;
}
