import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';

/** Buckets one after the other that are not empty, behind a gap. */
export interface BucketSpan {
  /** Buckets between the span before and this one; of the first, its index. */
  readonly offset: number;
  readonly length: number;
}

/** The buckets of a native histogram: each count by its difference to the one before. */
export interface NativeBuckets {
  readonly spans: readonly BucketSpan[];
  readonly deltas: readonly number[];
}

/** Prometheus numbers a bucket by its upper bound, OpenTelemetry and we by the lower. */
const INDEX_SHIFT = 1;
/** A gap of so few empty buckets is cheaper than another span. */
const MAX_GAP = 2;

export function nativeBuckets({ counts, offset }: ExponentialHistogram): NativeBuckets {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let end = 0;
  let previous = 0;
  const put = (count: number): void => {
    deltas.push(count - previous);
    previous = count;
  };
  counts.forEach((count, at) => {
    if (count === 0) return;
    const index = at + offset + INDEX_SHIFT;
    const gap = index - end;
    const span = spans.at(-1);
    if (span === undefined || gap > MAX_GAP) {
      spans.push({ offset: gap, length: 1 });
    } else {
      for (let empty = 0; empty < gap; empty++) put(0);
      span.length += gap + 1;
    }
    put(count);
    end = index + 1;
  });
  return { spans, deltas };
}
