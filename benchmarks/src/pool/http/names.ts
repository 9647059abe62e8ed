/** How many requests there are at once. */
export const CONCURRENCIES = [1, 16, 64] as const;

export const OURS = 'ours';
export const UNDICI = 'undici request on a Pool';
export const FETCH = 'global fetch';
/** A second one, for what the machine does by itself. */
export const UNDICI_CONTROL = 'undici request on a Pool (control)';

/** The workload with so many requests at once. */
export function atOnce(concurrency: number): string {
  return `GET of 1 kB of JSON, ${concurrency} at once`;
}
