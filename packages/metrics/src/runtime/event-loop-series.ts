import { performance } from 'node:perf_hooks';
import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { isHandle, isRequest, readActiveResources } from '../signals/active-resources.ts';
import { EventLoopReadings, type LoopReading } from '../signals/event-loop.ts';
import { Heartbeat } from '../signals/heartbeat.ts';
import type { RuntimeSettings } from './options.ts';
import { seconds, type RuntimePart } from './runtime-part.ts';

type DelayFigure = Exclude<keyof LoopReading, 'utilization'>;

const LAG = 'nodejs_eventloop_lag';
/** How often the timer runs of a loop that does nothing, in milliseconds. */
const IDLE_BEAT = 100;
/** Each is a metric of prom-client. There, the delay includes the interval of the timer that measures it; here it does not. */
const DELAYS: readonly (readonly [DelayFigure, CollectedMetric])[] = [
  ['mean', delay('', 'mean', 'mean')],
  ['min', delay('_min', 'minimum', 'min')],
  ['max', delay('_max', 'maximum', 'max')],
  ['mean', delay('_mean', 'mean', 'mean')],
  ['stddev', delay('_stddev', 'standard deviation', 'mean')],
  ['p50', delay('_p50', '50th percentile', 'mean')],
  ['p90', delay('_p90', '90th percentile', 'mean')],
  ['p99', delay('_p99', '99th percentile', 'max')],
];
const UTILIZATION: CollectedMetric = {
  name: 'nodejs_eventloop_utilization',
  help: 'Which part of the time the event loop did not wait, from 0 to 1.',
  aggregate: 'mean',
};
const ACTIVE: CollectedMetric = {
  name: 'nodejs_eventloop_active_seconds_total',
  help: 'Time for which the event loop worked.',
};
const IDLE: CollectedMetric = {
  name: 'nodejs_eventloop_idle_seconds_total',
  help: 'Time for which the event loop waited.',
};
const RESOURCES: CollectedMetric = {
  name: 'nodejs_active_resources',
  help: 'What keeps the event loop alive, by type.',
};
const RESOURCES_TOTAL: CollectedMetric = {
  name: 'nodejs_active_resources_total',
  help: 'How many resources keep the event loop alive.',
};
const HANDLES: CollectedMetric = {
  name: 'nodejs_active_handles',
  help: 'Sockets, servers, pipes and watchers that are open, by type.',
};
const HANDLES_TOTAL: CollectedMetric = {
  name: 'nodejs_active_handles_total',
  help: 'How many sockets, servers, pipes and watchers are open.',
};
const REQUESTS: CollectedMetric = {
  name: 'nodejs_active_requests',
  help: 'Calls of the operating system and of the thread pool that are under way, by type.',
};
const REQUESTS_TOTAL: CollectedMetric = {
  name: 'nodejs_active_requests_total',
  help: 'How many calls of the operating system and of the thread pool are under way.',
};

/** Delay and utilization of the event loop, for any number of readers: none takes away what another would have read. */
export class EventLoopSeries implements RuntimePart {
  readonly #settings: RuntimeSettings;
  readonly #readings = new EventLoopReadings();
  readonly #heartbeat: Heartbeat;
  #reading: LoopReading | undefined;
  #readAt: number;

  constructor(settings: RuntimeSettings) {
    this.#settings = settings;
    const { clock, resolution } = settings;
    this.#readAt = clock.now();
    this.#heartbeat = new Heartbeat(
      clock,
      { busy: resolution, idle: Math.max(resolution, IDLE_BEAT) },
      (lateness) => {
        this.#readings.add(lateness);
      },
    );
  }

  collect(sink: CollectorSink): void {
    const reading = this.#read();
    if (reading !== undefined) {
      for (const [figure, metric] of DELAYS) sink.gauge(metric, seconds(reading[figure]));
      sink.gauge(UTILIZATION, reading.utilization);
    }
    const { active, idle } = performance.eventLoopUtilization();
    sink.counter(ACTIVE, seconds(active));
    sink.counter(IDLE, seconds(idle));
    collectResources(sink);
  }

  close(): void {
    this.#heartbeat.stop();
  }

  #read(): LoopReading | undefined {
    const now = this.#settings.clock.now();
    const isRecent = now - this.#readAt < this.#settings.window;
    if (isRecent && this.#reading !== undefined) return this.#reading;
    this.#readAt = now;
    const reading = this.#readings.read();
    // The timer was not due since: the loop has been blocked for the whole time, and will tell next time.
    if (!Number.isNaN(reading.max)) this.#reading = reading;
    return this.#reading;
  }
}

function collectResources(sink: CollectorSink): void {
  const { types, handles, requests } = readActiveResources();
  let total = 0;
  for (const [type, count] of types) {
    total += count;
    sink.gauge(RESOURCES, count, { type });
    if (isHandle(type)) sink.gauge(HANDLES, count, { type });
    if (isRequest(type)) sink.gauge(REQUESTS, count, { type });
  }
  sink.gauge(RESOURCES_TOTAL, total);
  sink.gauge(HANDLES_TOTAL, handles);
  sink.gauge(REQUESTS_TOTAL, requests);
}

function delay(suffix: string, figure: string, aggregate: 'min' | 'max' | 'mean'): CollectedMetric {
  const help = `Delay of the event loop in seconds: ${figure} since the last reading.`;
  return { name: `${LAG}${suffix}_seconds`, help, aggregate };
}
