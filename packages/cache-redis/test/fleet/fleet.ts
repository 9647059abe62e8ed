import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startProxy, startRedis, type FaultProxy, type RedisServer } from '@perf/test-servers';
import type { Programs } from './build-programs.ts';
import type { Terms } from './checker.ts';
import type { History, Lag, Rollback } from './history.ts';
import { MemberProcess } from './member-process.ts';
import type { Load, MemberOptions, Summary } from './messages.ts';
import { now, TruthStore } from './truth.ts';

/** How a fleet is run. */
export interface FleetOptions extends Terms {
  readonly programs: Programs;
  readonly seed: number;
  readonly members: number;
  readonly keys: number;
  readonly load: Load;
  /** @default 250 */
  readonly storeTimeout?: number;
  readonly socketTimeout?: number;
  readonly sabotage?: string;
  /** What members are started with in place of what is promised. */
  readonly memberTerms?: Partial<Terms>;
}

/** A place in a fleet: a process, and its own ways to Redis. */
export interface Seat {
  readonly slot: number;
  readonly store: FaultProxy;
  readonly bus: FaultProxy;
  member: MemberProcess;
}

const PREFIX = 'fleet';

/** Several processes with a cache each, on one Redis, and everything that is done to them. */
export class Fleet {
  readonly redis: RedisServer;
  readonly seats: readonly Seat[];
  readonly #options: FleetOptions;
  readonly #truth: TruthStore;
  /** Those that were killed as well. */
  readonly #members: MemberProcess[];
  readonly #delays: Lag[] = [];
  readonly #lags: Lag[] = [];
  readonly #rollbacks: Rollback[] = [];
  readonly #log: string[] = [];
  readonly #begun = now();
  readonly #loop = monitorEventLoopDelay({ resolution: 5 });
  readonly #watch: NodeJS.Timeout;

  static async start(options: FleetOptions): Promise<Fleet> {
    const redis = await startRedis();
    const truth = new TruthStore(options.keys);
    const seats: Seat[] = [];
    for (let slot = 0; slot < options.members; slot++) {
      const store = await startProxy({ target: redis });
      const bus = await startProxy({ target: redis });
      const member = launch(options, truth, { slot, store, bus }, 0);
      seats.push({ slot, store, bus, member });
    }
    const fleet = new Fleet(options, redis, truth, seats);
    await Promise.all(seats.map(({ member }) => member.begun()));
    return fleet;
  }

  private constructor(
    options: FleetOptions,
    redis: RedisServer,
    truth: TruthStore,
    seats: readonly Seat[],
  ) {
    this.#options = options;
    this.redis = redis;
    this.#truth = truth;
    this.seats = seats;
    this.#members = seats.map(({ member }) => member);
    this.#loop.enable();
    let since = this.#begun;
    this.#watch = setInterval(() => {
      const to = now();
      this.#lags.push({ from: since, to, most: Math.max(0, this.#loop.max / 1e6 - 5) });
      since = to;
      this.#loop.reset();
    }, 100);
  }

  get prefix(): string {
    return PREFIX;
  }

  get history(): History {
    return {
      processes: this.#members,
      circumstances: { delays: this.#delays, lags: this.#lags, rollbacks: this.#rollbacks },
      commits: this.#truth.commits,
    };
  }

  /** What was done, with the seconds at which it was. */
  get log(): readonly string[] {
    return this.#log;
  }

  say(what: string): void {
    this.#log.push(`${((now() - this.#begun) / 1000).toFixed(1)} ${what}`);
  }

  /** Messages take longer between the two, and those under way still do for as long. */
  delayed(from: number, most: number): void {
    this.#delays.push({ from, to: now() + most, most });
  }

  rolledBack(rollback: Rollback): void {
    this.#rollbacks.push(rollback);
  }

  /** Kills the process of a seat and starts another one there. */
  async replace(seat: Seat): Promise<void> {
    await seat.member.kill();
    const { life } = seat.member.options;
    seat.member = launch(this.#options, this.#truth, seat, life + 1);
    this.#members.push(seat.member);
    await seat.member.begun();
  }

  /** Whether there are writes among the operations of those who are there now. */
  letWrite(on: boolean): void {
    this.say(on ? 'writes' : 'no writes');
    for (const { member } of this.seats) member.letWrite(on);
  }

  /** Ends what is wrong. */
  async heal(): Promise<void> {
    for (const { store, bus } of this.seats) {
      await store.resume();
      await bus.resume();
    }
    await this.redis.thaw();
    await this.redis.command('CONFIG', 'SET', 'maxmemory', '0');
  }

  /**
   * Everybody rests until nothing is pending, reads everything once more after the longest window, and ends.
   * `undefined` for who did not.
   */
  async finish(settle: number): Promise<readonly (Summary | undefined)[]> {
    const pending = await Promise.all(this.seats.map(({ member }) => member.rest()));
    if (pending.some((count) => count > 0)) this.say(`still pending: ${pending.join(', ')}`);
    await new Promise((resolve) => {
      setTimeout(resolve, settle);
    });
    this.say('sweep');
    return Promise.all(this.seats.map(({ member }) => member.sweep(30_000)));
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#loop.disable();
    await Promise.all(this.seats.map(({ member }) => member.kill()));
    await Promise.all(this.seats.flatMap(({ store, bus }) => [store.close(), bus.close()]));
    await this.redis.stop();
  }
}

function launch(
  {
    programs,
    seed,
    keys,
    load,
    sabotage,
    storeTimeout = 250,
    socketTimeout,
    ...terms
  }: FleetOptions,
  truth: TruthStore,
  { slot, store, bus }: Omit<Seat, 'member'>,
  life: number,
): MemberProcess {
  const { serve, keep } = { ...terms, ...terms.memberTerms };
  const options: MemberOptions = {
    name: life === 0 ? `member ${slot}` : `member ${slot}, life ${life}`,
    slot,
    life,
    seed: seed + 1000 * slot + life,
    prefix: PREFIX,
    storeUrl: store.url ?? '',
    busUrl: bus.url ?? '',
    keys,
    load,
    serve,
    keep,
    storeTimeout,
    socketTimeout,
    sabotage,
  };
  return new MemberProcess(programs.member, options, truth);
}
