import type { Endpoint, PlannedRequest } from '../load/endpoint.ts';
import type { Outcome } from '../load/messages.ts';
import { percentile } from '../load/percentiles.ts';

/** The figures of one phase. Times in milliseconds. */
export interface PhaseFigures {
  readonly name: string;
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** The part of the answers that each tier gave. */
  readonly tiers: Readonly<Record<string, number>>;
}

/** Sums up an outcome. */
export function figuresOf(name: string, outcome: Outcome): PhaseFigures {
  const sorted = outcome.latencies.toSorted();
  const requests = sorted.length;
  return {
    name,
    requests,
    perSecond: (requests / outcome.elapsed) * 1000,
    p50: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    tiers: Object.fromEntries(
      Object.entries(outcome.tiers).map(([tier, count]) => [tier, count / requests]),
    ),
  };
}

/** The latencies of one endpoint's requests, sorted. */
export function latenciesOf(
  endpoint: Endpoint,
  outcome: Outcome,
  stream: Uint32Array,
  requests: readonly PlannedRequest[],
): Float64Array {
  return outcome.latencies
    .filter((_, position) => requests[stream[position] ?? 0]?.endpoint === endpoint)
    .toSorted();
}
