import { DueList, Emitter, type Clock } from '@perf/core';

import { PoolQueryTimeoutError } from '../errors.ts';
import type { Backend, BackendHost } from './backend.ts';
import type { Call } from './call.ts';
import type { DriverClient } from './client.ts';
import type { ConnectionHost } from './connection.ts';
import type { ClientSource } from './driver.ts';
import type { PostgresPoolSettings } from './options.ts';
import type { SessionHost } from './queryable.ts';
import { queryChannel } from '../statistics/query-channel.ts';
import { sqlOperation } from './sql-operation.ts';
import { StatementCatalog } from './statement-catalog.ts';
import { OWN_EVENTS, type PostgresPoolEvents } from './telemetry.ts';

/** What all connections of a pool share, and whom they tell. */
export class PoolHost implements ConnectionHost, BackendHost, SessionHost {
  readonly name: string;
  readonly clock: Clock;
  readonly hookTimeout: number;
  readonly queryTimeout: number;
  readonly deadlines: DueList;
  readonly catalog: StatementCatalog;
  readonly events: Emitter<PostgresPoolEvents> = new Emitter(OWN_EVENTS);
  readonly messenger: () => Promise<DriverClient>;
  lostCount = 0;
  rolledBackCount = 0;
  cancelledCount = 0;
  retriedCount = 0;
  readonly #lost: (backend: Backend) => void;

  /** @param lost takes one out of the pool */
  constructor(
    settings: PostgresPoolSettings,
    source: ClientSource,
    lost: (backend: Backend) => void,
  ) {
    const { name, clock, hookTimeout } = settings.pool;
    this.name = name;
    this.clock = clock;
    this.hookTimeout = hookTimeout;
    this.queryTimeout = settings.queryTimeout;
    this.deadlines = new DueList(clock);
    this.catalog = new StatementCatalog(settings.catalog);
    this.messenger = () => source.make();
    this.#lost = lost;
  }

  timedOut(milliseconds: number): Error {
    return new PoolQueryTimeoutError(this.name, milliseconds);
  }

  lost(backend: Backend, error: unknown): void {
    this.lostCount++;
    this.#lost(backend);
    this.events.emit('lost', { pool: this.name, error });
  }

  rolledBack(): void {
    this.rolledBackCount++;
    this.events.emit('rolledBack', { pool: this.name });
  }

  ended({ text, since }: Call, error: unknown): void {
    if (!queryChannel.active) return;
    const duration = this.clock.now() - since;
    queryChannel.publish({ pool: this.name, operation: sqlOperation(text), duration, error });
  }

  cancelled(kept: boolean): void {
    this.cancelledCount++;
    this.events.emit('cancelled', { pool: this.name, kept });
  }

  retried(attempt: number, error: unknown): void {
    this.retriedCount++;
    this.events.emit('retried', { pool: this.name, attempt, error });
  }
}
