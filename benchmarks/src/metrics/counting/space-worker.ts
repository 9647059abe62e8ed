import { serveJob } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';
import * as loops from './loops.ts';
import { OURS } from './names.ts';
import { subjects } from './subjects.ts';

const OPERATIONS = 1_000_000;

/** Bytes that an operation takes from the heap, by workload; the labels of a call are the caller's. */
function measure(): Record<string, number> {
  const own = subjects().filter(({ subject }) => subject === OURS);
  return Object.fromEntries(
    own.map(({ workload, run }) => {
      for (let round = 0; round < 5; round++) run(loops, OPERATIONS / 10);
      const samples: number[] = [];
      for (let round = 0; round < 9; round++) {
        globalThis.gc?.();
        const before = process.memoryUsage().heapUsed;
        run(loops, OPERATIONS);
        samples.push((process.memoryUsage().heapUsed - before) / OPERATIONS);
      }
      // What the process allocates meanwhile is some kilobytes: hundredths of a byte.
      return [workload, Math.max(0, Math.round(median(samples) * 10) / 10)];
    }),
  );
}

serveJob(measure);
