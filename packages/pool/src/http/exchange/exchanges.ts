import { DueList, type Clock } from '@perf/core';
import { PoolClosedError } from '../../errors.ts';
import type { Holding, LeakWatch } from '../../leaks/leak-watch.ts';
import type { DestroyReason } from '../../statistics/pool-stats.ts';
import { TimingWindow } from '../../statistics/timing-window.ts';
import type { Call } from '../client/call.ts';
import type { Connections } from '../connections/connections.ts';
import type { Origins } from '../connections/origins.ts';
import type { HttpPoolSettings } from '../options.ts';
import type { HttpEmitter } from '../telemetry.ts';
import type { Turns } from '../turns/turns.ts';
import { Exchange, type ExchangeHost, type Sender } from './exchange.ts';
import type { ReceivedResponse } from './response.ts';

/** All requests under way: each has its turn and a connection, and gives both back when its response is through. */
export class Exchanges implements ExchangeHost {
  readonly clock: Clock;
  readonly deadlines: DueList;
  readonly useTimes: TimingWindow;
  abandoned = 0;
  readonly #settings: HttpPoolSettings;
  readonly #turns: Turns;
  readonly #origins: Origins;
  readonly #connections: Connections;
  readonly #events: HttpEmitter;
  readonly #leaks: LeakWatch | undefined;
  /** No `Set`: its tables that were outgrown keep their last members from the garbage collector until the next full collection. */
  readonly #running: Exchange[] = [];
  #isEnded = false;

  constructor(
    settings: HttpPoolSettings,
    turns: Turns,
    origins: Origins,
    connections: Connections,
    events: HttpEmitter,
    leaks: LeakWatch | undefined,
  ) {
    this.clock = settings.clock;
    this.deadlines = new DueList(settings.clock);
    this.useTimes = new TimingWindow(settings.clock);
    this.#settings = settings;
    this.#turns = turns;
    this.#origins = origins;
    this.#connections = connections;
    this.#events = events;
    this.#leaks = leaks;
  }

  /** Sends it at its turn, once. Rejects with an error of the pool, an {@link HttpError}, or the signal's reason. */
  async send(
    call: Call,
    sender: Sender,
    signal: AbortSignal | undefined,
    held: Holding | undefined,
  ): Promise<ReceivedResponse> {
    if (signal?.aborted === true) throw signal.reason;
    const origin = this.#origins.enter(call.origin);
    const { total } = this.#turns;
    const { gate, queues } = sender;
    const gates = gate === undefined ? [origin.admission, total] : [gate, origin.admission, total];
    try {
      const { deadline, priority } = call.terms;
      const turn = this.#turns.enter(gates, queues, { signal, deadline, priority });
      if (turn !== undefined) await turn;
    } catch (error) {
      this.#origins.leave(origin);
      throw error;
    }
    if (this.#isEnded) {
      this.#turns.leave(gates);
      this.#origins.leave(origin);
      throw new PoolClosedError(this.#settings.name);
    }
    const holding = held === undefined ? undefined : { ...held };
    if (holding !== undefined) this.#leaks?.add(holding);
    const connection = this.#connections.take(origin);
    const turn = { sender, origin, gates, connection, holding };
    const exchange = new Exchange(this, call, turn, signal);
    exchange.index = this.#running.push(exchange) - 1;
    return exchange.send();
  }

  /** Ends all that are under way, and those whose turn has just come. */
  end(): void {
    this.#isEnded = true;
    for (const exchange of this.#running.slice()) {
      exchange.fail(new PoolClosedError(this.#settings.name), 'closed');
    }
  }

  onEnd(exchange: Exchange, unfit: DestroyReason | undefined): void {
    this.#remove(exchange);
    const { connection, holding, gates, origin } = exchange.turn;
    // Before who waits gets its turn, so that it finds the connection.
    if (unfit === undefined) this.#connections.put(connection);
    else this.#connections.end(connection, unfit);
    if (holding !== undefined && this.#leaks !== undefined) {
      this.useTimes.add(this.#leaks.remove(holding));
    }
    this.#turns.leave(gates);
    this.#origins.leave(origin);
  }

  onAbandoned({ call }: Exchange): void {
    this.abandoned++;
    if (!this.#events.has('abandoned')) return;
    const { client, method, origin } = call;
    this.#events.emit('abandoned', { pool: this.#settings.name, client, method, origin });
  }

  #remove(exchange: Exchange): void {
    const last = this.#running.pop();
    if (last === undefined || last === exchange) return;
    this.#running[exchange.index] = last;
    last.index = exchange.index;
  }
}
