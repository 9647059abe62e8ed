import type { Timer } from '@perf/core';
import { noneDestroyed, type DestroyReason } from '../../statistics/pool-stats.ts';
import { TimingWindow } from '../../statistics/timing-window.ts';
import type { HttpPoolSettings } from '../options.ts';
import type { HttpEmitter } from '../telemetry.ts';
import { connectionMaker, type ConnectionMaker } from './connection-maker.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { Origin, Origins } from './origins.ts';

/** How often unused connections are looked at, and how long those live that are more than are kept. */
const SWEEP = 1000;

/** All connections of a pool: at most `max`, those of which nobody makes use included. */
export class Connections implements ConnectionHost {
  readonly connectTimes: TimingWindow;
  readonly idleTimeout: number;
  readonly maxHeaderSize: number;
  createdCount = 0;
  connectingCount = 0;
  /** Connections that could not be made. */
  errors = 0;
  idle = 0;
  readonly destroyed: Record<DestroyReason, number> = noneDestroyed();
  readonly #settings: HttpPoolSettings;
  readonly #origins: Origins;
  readonly #events: HttpEmitter;
  readonly #open = new Set<Connection>();
  readonly #ending = new Set<Promise<void>>();
  #maker: ConnectionMaker | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(settings: HttpPoolSettings, origins: Origins, events: HttpEmitter) {
    this.#settings = settings;
    this.#origins = origins;
    this.#events = events;
    this.idleTimeout = settings.idleTimeout;
    this.maxHeaderSize = settings.maxHeaderSize;
    this.connectTimes = new TimingWindow(settings.clock);
  }

  /** What there is to make connections with; as long as it is missing, it is to be awaited before {@link take}. */
  get maker(): ConnectionMaker | undefined {
    return this.#maker;
  }

  /** Loads it, once. Rejects with a `MissingDriverError`. */
  async loadMaker(): Promise<void> {
    const maker = await connectionMaker(this.#settings);
    this.#maker ??= maker;
  }

  /** The one that was used last, or a new one, for who has its turn: fewer than `max` are in use then. */
  take(origin: Origin): Connection {
    for (let one = origin.idle.pop(); one !== undefined; one = origin.idle.pop()) {
      this.idle--;
      if (this.#isFit(one)) return one;
    }
    if (this.#maker === undefined) throw new Error('the driver has to be loaded first');
    if (this.#open.size >= this.#settings.max) {
      const oldest = this.#oldest();
      if (oldest !== undefined) this.#drop(oldest, 'surplus');
    }
    const { clock, maxLifetime, lifetimeJitter, random } = this.#settings;
    const lifetime = maxLifetime * (1 - lifetimeJitter * random());
    const made = new Connection(this, this.#maker, origin, clock.now() + lifetime);
    this.#open.add(made);
    origin.users++;
    return made;
  }

  /** One whose request has ended well. */
  put(connection: Connection): void {
    if (!this.#isFit(connection)) return;
    if (this.#isClosed) {
      this.end(connection, 'closed');
      return;
    }
    connection.idleSince = this.#settings.clock.coarse();
    connection.origin.idle.push(connection);
    this.idle++;
    this.#timer ??= this.#settings.clock.setTimer(this.#sweep, SWEEP);
  }

  /** Ends one that is in no list of unused ones. */
  end(connection: Connection, reason: DestroyReason): void {
    if (!this.#open.delete(connection)) return;
    const gone = connection.end(reason);
    this.#ending.add(gone);
    void gone.finally(() => this.#ending.delete(gone)).catch(() => undefined);
    this.#origins.leave(connection.origin);
  }

  /** Ends all that are unused, and those that come back. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const connection of this.#open) this.#drop(connection, 'closed');
  }

  /** Resolves when all that have been ended are closed. */
  async gone(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  onConnecting(origin: Origin): (error: Error | null, isWanted: boolean) => void {
    const { clock } = this.#settings;
    const since = clock.now();
    this.connectingCount++;
    return (error, isWanted) => {
      this.connectingCount--;
      if (!isWanted) return;
      origin.trouble = error ?? undefined;
      if (error === null) this.connectTimes.add(clock.now() - since);
      else this.errors++;
    };
  }

  onConnected(): void {
    this.createdCount++;
    this.#events.created();
  }

  onDisconnected(connection: Connection, reason: DestroyReason): void {
    this.destroyed[reason]++;
    this.#events.destroyed(reason);
    this.#drop(connection, reason);
  }

  #isFit(connection: Connection): boolean {
    if (!connection.isUsable) {
      this.end(connection, 'lost');
    } else if (connection.expires <= this.#settings.clock.coarse()) {
      this.end(connection, 'lifetime');
    } else {
      return true;
    }
    return false;
  }

  /** @returns whether it was unused */
  #withdraw(connection: Connection): boolean {
    const { idle } = connection.origin;
    const at = idle.indexOf(connection);
    if (at < 0) return false;
    idle.splice(at, 1);
    this.idle--;
    return true;
  }

  /** Of all origins the one that has been unused for longest. */
  #oldest(): Connection | undefined {
    let oldest: Connection | undefined;
    for (const { idle } of this.#origins) {
      const [first] = idle;
      if (first !== undefined && !(first.idleSince >= (oldest?.idleSince ?? Infinity))) {
        oldest = first;
      }
    }
    return oldest;
  }

  #drop(connection: Connection, reason: DestroyReason): void {
    if (this.#withdraw(connection)) this.end(connection, reason);
  }

  readonly #sweep = (): void => {
    this.#timer = undefined;
    const { clock, maxIdle } = this.#settings;
    const now = clock.now();
    for (const { idle } of this.#origins) {
      for (const connection of idle.slice()) {
        const reason = this.#reasonToGo(connection, now);
        if (reason !== undefined) this.#drop(connection, reason);
      }
    }
    while (this.idle > maxIdle) {
      const oldest = this.#oldest();
      if (oldest === undefined || now - oldest.idleSince < SWEEP) break;
      this.#drop(oldest, 'surplus');
    }
    if (this.idle > 0) this.#timer = clock.setTimer(this.#sweep, SWEEP);
  };

  #reasonToGo(connection: Connection, now: number): DestroyReason | undefined {
    const { maxIdlePerOrigin, idleTimeout } = this.#settings;
    const unused = now - connection.idleSince;
    if (unused >= idleTimeout) return 'idle';
    if (connection.expires <= now) return 'lifetime';
    const isSurplus = connection.origin.idle.length > maxIdlePerOrigin;
    return isSurplus && unused >= SWEEP ? 'surplus' : undefined;
  }
}
