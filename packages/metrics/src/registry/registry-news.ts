import { Emitter } from '@perf/core';
import { REGISTRY_EVENTS, type RegistryEvents } from './telemetry.ts';

/** Counts what went wrong, and tells it: once for each metric, since it may happen at every request. */
export class RegistryNews {
  readonly events: Emitter<RegistryEvents> = new Emitter(REGISTRY_EVENTS);
  /** Numbers that were refused, by metric. */
  readonly invalid: Map<string, number> = new Map();
  collectorErrors = 0;

  refused(metric: string, value: number): void {
    const before = this.invalid.get(metric) ?? 0;
    this.invalid.set(metric, before + 1);
    if (before === 0) this.events.emit('invalid', { metric, value });
  }

  collectorFailed(error: unknown): void {
    this.collectorErrors++;
    this.events.emit('collectorError', { error });
  }

  get invalidCount(): number {
    let count = 0;
    for (const one of this.invalid.values()) count += one;
    return count;
  }
}
