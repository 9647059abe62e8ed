import { getHeapStatistics } from 'node:v8';
import { resourceLimits } from 'node:worker_threads';

const MEGABYTE = 1024 ** 2;
const FLAG = /^--max[-_]old[-_]space[-_]size=(\d+)$/;

/** Constant for a process; by what it was started with, as the environment may be changed later. */
const stated =
  resourceLimits.maxOldGenerationSizeMb ??
  statedOldSpace(process.execArgv, process.env['NODE_OPTIONS']);

/**
 * Bytes of heap at which V8 gives up. Where the old generation has a limit that somebody set, it is that: V8's own figure adds the largest
 * young generation to it (192 MB in Node 24), and a small heap would run out long before it reached that.
 */
export function readHeapLimit(): number {
  const limit = getHeapStatistics().heap_size_limit;
  return stated === undefined ? limit : Math.min(limit, stated * MEGABYTE);
}

/** Megabytes by `--max-old-space-size`: of the command line, else of `NODE_OPTIONS`; the last one counts. */
export function statedOldSpace(
  execArgv: readonly string[],
  nodeOptions: string | undefined,
): number | undefined {
  const flags = [...(nodeOptions ?? '').split(/\s+/), ...execArgv];
  const sizes = flags.flatMap((flag) => FLAG.exec(flag)?.[1] ?? []);
  const last = Number(sizes.at(-1));
  return last > 0 ? last : undefined;
}
