import type { CollectorSink } from '../registry/collector.ts';

/** The series of one signal. */
export interface RuntimePart {
  /** Tells what is true now. */
  collect(sink: CollectorSink): void;
  /** Ends what it listens to. */
  close?(): void;
}

/** Milliseconds as seconds. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
