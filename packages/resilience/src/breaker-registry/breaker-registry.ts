import {
  checkString,
  Emitter,
  TimeoutError,
  type Clock,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import { circuitBreaker, type CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts';
import type { BreakerStateEvent } from '../circuit-breaker/telemetry.ts';
import { BreakerRegistryFullError } from '../errors.ts';
import { reportClassifierError } from '../execution/outcome.ts';
import type { ExecuteOptions, Execution } from '../execution/resilience-policy.ts';
import { FailureCorrelation, type Incident } from './correlation/failure-correlation.ts';
import {
  breakerRegistrySettings,
  type BreakerRegistryOptions,
  type BreakerRegistrySettings,
} from './options.ts';
import { serviceHealth } from './service-health.ts';
import {
  incidentChannel,
  type BreakerRegistryEvents,
  type BreakerRegistrySnapshot,
  type ServiceHealth,
} from './telemetry.ts';

/**
 * Circuit breakers by the name of the service, made when they are first asked for, and what their failures together tell.
 */
export interface BreakerRegistry extends Listenable<BreakerRegistryEvents> {
  readonly name: string;
  /**
   * The breaker of a service.
   * @throws `BreakerRegistryFullError` when there are too many, none of which can be given up
   */
  get(service: string): CircuitBreaker;
  /** Runs the function under the breaker of the service; as its `execute`. */
  protectedCall<T>(service: string, fn: Execution<T>, options?: ExecuteOptions): Promise<T>;
  /** The services that have a breaker. */
  services(): readonly string[];
  /** Gives up the breaker of a service; calls that run under it go on. @returns whether there was one */
  delete(service: string): boolean;
  /** Closes all breakers, and ends all isolations. */
  resetAll(): void;
  /** How well a service does; `undefined` when it has no breaker. */
  health(service: string): ServiceHealth | undefined;
  /** How well each service does, the worst first. */
  healthAll(): readonly ServiceHealth[];
  /** Services that began to fail together and of which some still do; the surest incident first. */
  incidents(): readonly Incident[];
  snapshot(): BreakerRegistrySnapshot;
}

/**
 * Makes a {@link BreakerRegistry}.
 * @throws `ConfigError` naming the first option that is refused
 * @example
 * const breakers = createBreakerRegistry({ services: { payments: { openPeriod: '30s' } } });
 * breakers.on('incident', ({ services, kind }) => alert(kind, services));
 * await breakers.protectedCall('payments', ({ signal }) => fetch(url, { signal }));
 */
export function createBreakerRegistry(options: BreakerRegistryOptions = {}): BreakerRegistry {
  return new ServiceBreakers(breakerRegistrySettings(options));
}

/** Kinds are told apart by at most so many characters. */
const LONGEST_KIND = 80;

interface Entry {
  readonly breaker: CircuitBreaker;
  readonly unsubscribe: readonly Unsubscribe[];
  /** Since eviction last came by. */
  used: boolean;
  /** How many of its successes correlation knows of. */
  reported: number;
}

class ServiceBreakers implements BreakerRegistry {
  readonly name: string;
  readonly #settings: BreakerRegistrySettings;
  readonly #clock: Clock;
  readonly #events = new Emitter<BreakerRegistryEvents>([
    'state',
    'failing',
    'incident',
    'resolved',
  ]);
  readonly #entries = new Map<string, Entry>();
  readonly #correlation: FailureCorrelation;
  /** The incidents that were told, and of how many services. */
  readonly #told = new Map<number, number>();
  #evicted = 0;

  constructor(settings: BreakerRegistrySettings) {
    this.name = settings.name;
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#correlation = new FailureCorrelation(settings.correlation, settings.clock.now());
  }

  get(service: string): CircuitBreaker {
    const entry = this.#entries.get(service) ?? this.#create(service);
    entry.used = true;
    return entry.breaker;
  }

  protectedCall<T>(service: string, fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    let breaker: CircuitBreaker;
    try {
      breaker = this.get(service);
    } catch (error) {
      return Promise.reject(error);
    }
    return breaker.execute(fn, options);
  }

  services(): readonly string[] {
    return [...this.#entries.keys()];
  }

  delete(service: string): boolean {
    const entry = this.#entries.get(service);
    if (entry === undefined) return false;
    for (const unsubscribe of entry.unsubscribe) unsubscribe();
    this.#entries.delete(service);
    this.#correlation.forget(service);
    this.#tell();
    return true;
  }

  resetAll(): void {
    for (const { breaker } of this.#entries.values()) breaker.reset();
  }

  health(service: string): ServiceHealth | undefined {
    const entry = this.#entries.get(service);
    return entry === undefined ? undefined : this.#health(service, entry, this.incidents());
  }

  healthAll(): readonly ServiceHealth[] {
    const incidents = this.incidents();
    return [...this.#entries]
      .map(([service, entry]) => this.#health(service, entry, incidents))
      .toSorted((a, b) => a.score - b.score);
  }

  incidents(): readonly Incident[] {
    const now = this.#clock.now();
    for (const service of this.#correlation.failing()) this.#report(service, now);
    return this.#correlation.incidents(now);
  }

  snapshot(): BreakerRegistrySnapshot {
    return {
      name: this.name,
      breakers: [...this.#entries.values()].map(({ breaker }) => breaker.snapshot()),
      incidents: this.incidents(),
      evicted: this.#evicted,
    };
  }

  on<Event extends keyof BreakerRegistryEvents>(
    event: Event,
    listener: (payload: BreakerRegistryEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  #create(service: string): Entry {
    checkString('service', service);
    if (this.#entries.size >= this.#settings.maxBreakers) this.#evict();
    const options = this.#settings.optionsOf(service);
    const breaker = circuitBreaker({ ...options, name: service, clock: this.#clock });
    const unsubscribe = [
      breaker.on('failure', ({ error }) => {
        this.#failed(service, error);
      }),
      breaker.on('state', (change) => {
        this.#changed(service, change);
      }),
    ];
    const entry = { breaker, unsubscribe, used: true, reported: 0 };
    this.#entries.set(service, entry);
    return entry;
  }

  /** Gives up the first one that is closed, works, and has not been used since it was last passed by. */
  #evict(): void {
    for (const mayBeUsed of [false, true]) {
      for (const [service, entry] of this.#entries) {
        const works = entry.breaker.state === 'closed' && !this.#isFailing(service);
        if (works && (!entry.used || mayBeUsed)) {
          this.delete(service);
          this.#evicted++;
          return;
        }
        entry.used = false;
      }
    }
    throw new BreakerRegistryFullError(this.name, this.#settings.maxBreakers);
  }

  #failed(service: string, error: unknown): void {
    const now = this.#clock.now();
    const began = now - (error instanceof TimeoutError ? error.timeout : 0);
    const successes = this.#newSuccesses(service);
    const kind = this.#kindOf(error);
    if (this.#correlation.failed(service, kind, successes, began, now)) this.#fails(service, now);
  }

  #changed(service: string, change: BreakerStateEvent): void {
    const now = this.#clock.now();
    this.#events.emit('state', change);
    if (change.to === 'open') {
      const kind = change.reason === 'slow-call-rate' ? 'slow' : this.#kindOf(change.cause);
      if (this.#correlation.fails(service, kind, now)) this.#fails(service, now);
    } else if (change.to === 'closed' && change.from !== 'isolated') {
      this.#newSuccesses(service);
      this.#correlation.recovered(service, now);
      this.#tell();
    }
  }

  #fails(service: string, now: number): void {
    const { detector, kind = 'unknown' } = this.#correlation.about(service);
    this.#events.emit('failing', { service, kind, failingFor: now - detector.since });
    this.#tell();
  }

  /** Tells of incidents that are new or have grown, and of those that are over. */
  #tell(): void {
    const incidents = this.incidents();
    for (const incident of incidents) {
      const { id, services } = incident;
      if (services.length <= (this.#told.get(id) ?? 0)) continue;
      this.#told.set(id, services.length);
      this.#events.emit('incident', incident);
      if (incidentChannel.active) incidentChannel.publish(incident);
    }
    for (const id of this.#told.keys()) {
      if (incidents.some((incident) => incident.id === id)) continue;
      this.#told.delete(id);
      this.#events.emit('resolved', { id });
    }
  }

  #health(service: string, { breaker }: Entry, incidents: readonly Incident[]): ServiceHealth {
    const now = this.#clock.now();
    this.#report(service, now);
    const incident = incidents.find(({ services }) =>
      services.some((one) => one.name === service && !one.recovered),
    );
    return serviceHealth(breaker.snapshot(), this.#correlation.about(service), incident, now);
  }

  #isFailing(service: string): boolean {
    this.#report(service, this.#clock.now());
    return this.#correlation.about(service).detector.isFailing;
  }

  /** Successes are counted by the breaker, and looked at when something depends on them. */
  #report(service: string, now: number): void {
    this.#correlation.succeeded(service, this.#newSuccesses(service), now);
  }

  #newSuccesses(service: string): number {
    const entry = this.#entries.get(service);
    if (entry === undefined) return 0;
    const { succeeded } = entry.breaker.snapshot().totals;
    const count = succeeded - entry.reported;
    entry.reported = succeeded;
    return count;
  }

  #kindOf(error: unknown): string {
    try {
      return this.#settings.errorKind(error).slice(0, LONGEST_KIND);
    } catch (error) {
      reportClassifierError(error);
      return 'unknown';
    }
  }
}
