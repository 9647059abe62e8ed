import { defineChannel, type Channel } from '@perf/core';
import type {
  BreakerState,
  BreakerStateEvent,
  CircuitBreakerSnapshot,
} from '../circuit-breaker/telemetry.ts';
import type { Incident } from './correlation/failure-correlation.ts';

/** A service has begun to fail. */
export interface ServiceFailingEvent {
  readonly service: string;
  /** What it fails with, as far as is known. */
  readonly kind: string;
  /** Milliseconds since it began. */
  readonly failingFor: number;
}

/** An incident of which no service fails any more. */
export interface IncidentResolvedEvent {
  readonly id: number;
}

/** Events of a registry of breakers. */
export interface BreakerRegistryEvents {
  /** A breaker changed its state. */
  readonly state: BreakerStateEvent;
  readonly failing: ServiceFailingEvent;
  /** Services began to fail together, or one more does. */
  readonly incident: Incident;
  readonly resolved: IncidentResolvedEvent;
}

/** How well a service does, by its calls of late. */
export interface ServiceHealth {
  readonly service: string;
  /** `failing`: its breaker is open or isolated, or more than half of the calls failed. `degraded`: something is amiss. */
  readonly status: 'healthy' | 'degraded' | 'failing';
  /** From 0, nothing works, to 1. */
  readonly score: number;
  /** What is amiss, in words; empty when nothing is. */
  readonly reasons: readonly string[];
  /** Of its breaker. */
  readonly state: BreakerState;
  /** Which part of the calls failed of late. */
  readonly failureRate: number;
  /** Milliseconds since it began to fail; `undefined` while it works. */
  readonly failingFor: number | undefined;
  /** The id of the incident that it is part of. */
  readonly incident: number | undefined;
}

/** State of a registry of breakers. */
export interface BreakerRegistrySnapshot {
  readonly name: string;
  readonly breakers: readonly CircuitBreakerSnapshot[];
  readonly incidents: readonly Incident[];
  /** Breakers that were given up to make room. */
  readonly evicted: number;
}

/** Every event `incident`. */
export const incidentChannel: Channel<Incident> = defineChannel('breaker', 'incident');
