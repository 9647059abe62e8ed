import { defineChannel, type Channel } from '@perf/core';
import type { LimitReason } from './autoscale-law.ts';
import type { Measurement } from './measurement.ts';

/** A pool has another limit. */
export interface PoolLimitEvent {
  /** The pool's name. */
  readonly pool: string;
  readonly limit: number;
  readonly previous: number;
  readonly reason: LimitReason;
  /** What the pool did in the interval before. */
  readonly measurement: Measurement;
}

/** Events of an autoscaler. */
export interface PoolAutoscalerEvents {
  readonly limit: PoolLimitEvent;
}

/** Every name of {@link PoolAutoscalerEvents}. */
export const POOL_AUTOSCALER_EVENTS = ['limit'] as const;

/** `perf:pool:limit`: what the event `limit` says, of every autoscaler. */
export const limitChannel: Channel<PoolLimitEvent> = defineChannel('pool', 'limit');
