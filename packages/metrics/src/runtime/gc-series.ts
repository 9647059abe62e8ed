import type { Registry } from '../registry/registry.ts';
import { GC_KINDS, observeGc, type GcKind } from '../signals/garbage-collection.ts';
import type { Histogram } from '../instruments/histogram.ts';
import { seconds, type RuntimePart } from './runtime-part.ts';

/** Collections of garbage: a histogram, which is fed as they happen. */
export class GcSeries implements RuntimePart {
  readonly #stop: () => void;

  constructor(registry: Registry, buckets: readonly number[]) {
    const durations = registry.histogram({
      name: 'nodejs_gc_duration_seconds',
      help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
      labels: ['kind'],
      buckets,
    });
    const byKind = Object.fromEntries(
      GC_KINDS.map((kind) => [kind, durations.child({ kind })]),
    ) as Record<GcKind, Histogram>;
    this.#stop = observeGc((kind, pause) => {
      byKind[kind].observe(seconds(pause));
    });
  }

  collect(): void {
    // It is told as it happens.
  }

  close(): void {
    this.#stop();
  }
}
