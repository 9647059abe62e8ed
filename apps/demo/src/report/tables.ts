import { getBorderCharacters, table } from 'table';
import { ENDPOINTS, type PlannedRequest } from '../load/endpoint.ts';
import type { Outcome } from '../load/messages.ts';
import { percentile } from '../load/percentiles.ts';
import { latenciesOf, type PhaseFigures } from './phase.ts';

/** An outcome with the stream that it is of. */
export interface Measured {
  readonly outcome: Outcome;
  readonly stream: Uint32Array;
}

/** One line per phase: throughput, latency, and which tier answered. */
export function phaseTable(phases: readonly PhaseFigures[], secondTier: string): string {
  const head = [
    'phase',
    'requests',
    'req/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'L1 memory',
    `L2 ${secondTier}`,
    'database',
  ];
  const rows = phases.map((phase) => [
    phase.name,
    phase.requests.toLocaleString('en'),
    Math.round(phase.perSecond).toLocaleString('en'),
    milliseconds(phase.p50),
    milliseconds(phase.p95),
    milliseconds(phase.p99),
    share(phase.tiers['memory']),
    share(phase.tiers[secondTier]),
    share(phase.tiers['database']),
  ]);
  return render([head, ...rows]);
}

/** One line per endpoint: what the database takes, and what the cache makes of it. */
export function endpointTable(
  requests: readonly PlannedRequest[],
  uncached: Measured,
  cached: Measured,
): string {
  const head = [
    'endpoint',
    'uncached p50',
    'uncached p99',
    'cached p50',
    'cached p99',
    'p50 ratio',
  ];
  const rows = ENDPOINTS.map((endpoint) => {
    const [before, after] = [uncached, cached].map(({ outcome, stream }) =>
      latenciesOf(endpoint, outcome, stream, requests),
    ) as [Float64Array, Float64Array];
    return [
      endpoint,
      milliseconds(percentile(before, 50)),
      milliseconds(percentile(before, 99)),
      milliseconds(percentile(after, 50)),
      milliseconds(percentile(after, 99)),
      ratio(percentile(before, 50) / percentile(after, 50)),
    ];
  });
  return render([head, ...rows]);
}

function render(rows: readonly (readonly string[])[]): string {
  return table(rows, {
    border: getBorderCharacters('norc'),
    columnDefault: { alignment: 'right' },
    columns: { 0: { alignment: 'left' } },
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  });
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(2);
}

function ratio(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} ×` : '–';
}

function share(part: number | undefined): string {
  return part === undefined ? '–' : `${(part * 100).toFixed(1)} %`;
}
