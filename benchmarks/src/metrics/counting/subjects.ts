import { seededRandom } from '@perf/core/testing';
import { createRegistry } from '@perf/metrics';
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { build } from 'hdr-histogram-js';
import prometheus from 'prom-client';
import type * as Loops from './loops.ts';
import {
  BOUND,
  CONTROL,
  HDR,
  LABELLED,
  OBSERVE,
  OBSERVE_LABELLED,
  OPENTELEMETRY,
  OURS,
  PROM_CLIENT,
} from './names.ts';

/** What is counted with. */
export interface Subject {
  readonly workload: string;
  readonly subject: string;
  /** Operations in one turn. */
  readonly count: number;
  readonly run: (loops: typeof Loops, count: number) => void;
}

const LABELS = ['method', 'status'] as const;
const CHILD = { method: 'GET', status: '200' };
/** Observations of a service: around 50 ms, some of seconds. A power of two of them. */
const values = (() => {
  const random = seededRandom(5);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Float64Array.from({ length: 4096 }, () => Math.exp(normal() - 3));
})();

/** All subjects, in one process: each with others of its kind beside it, as in a service. */
export function subjects(): readonly Subject[] {
  const registry = createRegistry();
  const counter = registry.counter({ name: 'requests_total', labels: LABELS });
  const child = counter.child(CHILD);
  const histogram = registry.histogram({ name: 'latency_seconds' });
  const histograms = registry.histogram({ name: 'duration_seconds', labels: LABELS });
  const bystander = registry.counter({ name: 'errors_total', labels: ['kind', 'place'] });
  for (let i = 0; i < 1000; i++) bystander.inc({ kind: String(i % 7), place: 'here' });
  return [
    {
      workload: BOUND,
      subject: OURS,
      count: 500_000,
      run: ({ inc }, count) => {
        inc(child, count);
      },
    },
    {
      workload: LABELLED,
      subject: OURS,
      count: 200_000,
      run: ({ incLabelled }, count) => {
        incLabelled(counter, count);
      },
    },
    {
      workload: OBSERVE,
      subject: OURS,
      count: 300_000,
      run: ({ observe }, count) => {
        observe(histogram, count, values);
      },
    },
    {
      workload: OBSERVE_LABELLED,
      subject: OURS,
      count: 200_000,
      run: ({ observeLabelled }, count) => {
        observeLabelled(histograms, count, values);
      },
    },
    ...promClient(PROM_CLIENT),
    ...promClient(CONTROL).filter(({ workload }) => workload === LABELLED),
    ...openTelemetry(),
    {
      workload: OBSERVE,
      subject: HDR,
      count: 100_000,
      run: (() => {
        const hdr = build({ numberOfSignificantValueDigits: 3, highestTrackableValue: 1e9 });
        return ({ recordWhole }: typeof Loops, count: number) => {
          recordWhole(hdr, count, values);
        };
      })(),
    },
  ];
}

function promClient(subject: string): readonly Subject[] {
  const common = { help: 'x', registers: [new prometheus.Registry()] };
  const counter = new prometheus.Counter({ ...common, name: 'requests_total', labelNames: LABELS });
  const child = counter.labels(CHILD);
  const histogram = new prometheus.Histogram({ ...common, name: 'latency_seconds' });
  const labelled = { ...common, name: 'duration_seconds', labelNames: LABELS };
  const histograms = new prometheus.Histogram(labelled);
  return [
    {
      workload: BOUND,
      subject,
      count: 50_000,
      run: ({ inc }, count) => {
        inc(child, count);
      },
    },
    {
      workload: LABELLED,
      subject,
      count: 50_000,
      run: ({ incLabelled }, count) => {
        incLabelled(counter, count);
      },
    },
    {
      workload: OBSERVE,
      subject,
      count: 50_000,
      run: ({ observe }, count) => {
        observe(histogram, count, values);
      },
    },
    {
      workload: OBSERVE_LABELLED,
      subject,
      count: 20_000,
      run: ({ observeLabelled }, count) => {
        observeLabelled(histograms, count, values);
      },
    },
  ];
}

/** Without a reader nothing is counted. */
class IdleReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function openTelemetry(): readonly Subject[] {
  const provider = new MeterProvider({
    readers: [new IdleReader()],
    views: [
      {
        instrumentName: 'latency',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  });
  const meter = provider.getMeter('benchmark');
  const counter = meter.createCounter('requests');
  const histogram = meter.createHistogram('latency');
  return [
    {
      workload: LABELLED,
      subject: OPENTELEMETRY,
      count: 20_000,
      run: ({ addAttributes }, count) => {
        addAttributes(counter, count);
      },
    },
    {
      workload: OBSERVE,
      subject: OPENTELEMETRY,
      count: 50_000,
      run: ({ observe }, count) => {
        const target = {
          observe(value: number) {
            histogram.record(value);
          },
        };
        observe(target, count, values);
      },
    },
  ];
}
