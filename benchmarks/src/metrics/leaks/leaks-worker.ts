import { serveJob } from '../../harness/job.ts';
import { firstSuspicion } from './first-suspicion.ts';
import { memorySeries, type Shape } from './memory-series.ts';

/** Work of one process: some series of a kind. */
export interface LeaksInput {
  readonly shape: Shape;
  /** Bytes a minute. */
  readonly leak: number;
  readonly minutes: number;
  readonly firstSeed: number;
  readonly series: number;
}

/** Minutes until each was suspected; `undefined` where it never was. */
export type LeaksOutput = readonly (number | undefined)[];

serveJob(({ shape, leak, minutes, firstSeed, series }: LeaksInput): LeaksOutput =>
  Array.from({ length: series }, (_, index) =>
    firstSuspicion(memorySeries(shape, minutes, leak, firstSeed + index)),
  ),
);
