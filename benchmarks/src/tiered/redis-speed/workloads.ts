/** How many callers there are at once. */
export const CONCURRENCIES = [1, 32, 256] as const;

/** Workloads by name: what is asked for, by how many at once. */
export function readsBy(concurrency: number): string {
  return `hits by ${concurrency}`;
}
export const SETS = 'sets by 256';
export const FILLS = 'fills by 256';

export const RAW = 'ioredis';
/** The same on another connection: what differs is noise. */
export const CONTROL = 'ioredis, second connection';
export const AUTO_PIPELINED = 'ioredis, automatic pipelines';
/** Ours without memory; with memory and a bus, as services run it. */
export const OURS = { alone: '@perf, Redis alone', tiered: '@perf, memory + Redis + bus' } as const;
