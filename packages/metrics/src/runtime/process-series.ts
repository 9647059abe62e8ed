import type { Clock } from '@perf/core';
import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { seconds, type RuntimePart } from './runtime-part.ts';

const STARTED: CollectedMetric = {
  name: 'process_start_time_seconds',
  help: 'Start time of the process since 1970-01-01 in seconds.',
  aggregate: 'min',
};
const VERSION: CollectedMetric = {
  name: 'nodejs_version_info',
  help: 'Node.js version info.',
  aggregate: 'max',
};

/** Which process it is. */
export class ProcessSeries implements RuntimePart {
  readonly #startedAt: number;
  readonly #version: Readonly<Record<'version' | 'major' | 'minor' | 'patch', string>>;

  constructor(clock: Clock) {
    this.#startedAt = clock.epoch() - process.uptime() * 1000;
    const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
    this.#version = { version: process.version, major, minor, patch };
  }

  collect(sink: CollectorSink): void {
    sink.gauge(STARTED, seconds(this.#startedAt));
    sink.gauge(VERSION, 1, this.#version);
  }
}
