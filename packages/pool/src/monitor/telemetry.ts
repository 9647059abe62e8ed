import { defineChannel, type Channel } from '@perf/core';
import type { PoolReason, PoolStatus } from './conditions.ts';
import type { PoolRecommendation } from './recommendations.ts';
import type { PoolSample } from './sample.ts';

/** How a pool does, and why. */
export interface PoolHealth {
  /** The pool's name. */
  readonly pool: string;
  readonly status: PoolStatus;
  /** Since when it is so, in milliseconds since 1970. */
  readonly since: number;
  /** The worst first; none of a healthy one. */
  readonly reasons: readonly PoolReason[];
}

/** A pool's status has changed. */
export interface PoolStatusEvent extends PoolHealth {
  readonly previous: PoolStatus;
  readonly recommendations: readonly PoolRecommendation[];
}

/** Events of a monitor. */
export interface PoolMonitorEvents {
  readonly status: PoolStatusEvent;
  readonly sample: PoolSample;
}

/** Every name of {@link PoolMonitorEvents}. */
export const POOL_MONITOR_EVENTS = ['status', 'sample'] as const;

/** `perf:pool:status`: what the event `status` says, of every monitor. */
export const statusChannel: Channel<PoolStatusEvent> = defineChannel('pool', 'status');
