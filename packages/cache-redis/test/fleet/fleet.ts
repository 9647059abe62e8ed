import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Programs } from './build-programs.ts';
import type { Terms } from './checker.ts';
import type { History, Lag, Rollback, Span } from './history.ts';
import { MemberProcess } from './member-process.ts';
import type { Load, MemberOptions, Summary } from './messages.ts';
import type { Site } from './site.ts';
import { now, TruthStore } from './truth.ts';

/** How a fleet is run. */
export interface FleetOptions extends Terms {
  readonly programs: Programs;
  readonly seed: number;
  readonly members: number;
  readonly keys: number;
  /** What members do by themselves. @default nothing: they do what they are ordered to */
  readonly load?: Load;
  /** @default 250 */
  readonly storeTimeout?: number;
  readonly sabotage?: string;
  /** What members are started with in place of what is promised. */
  readonly memberTerms?: Partial<Terms>;
}

/** A place in a fleet, and the process that is there now. */
export interface Seat {
  readonly slot: number;
  member: MemberProcess;
}

const PREFIX = 'fleet';

/** Several processes with a cache each, on one Redis, and everything that is done to them. */
export class Fleet<S extends Site = Site> {
  readonly site: S;
  readonly seats: readonly Seat[];
  readonly #options: FleetOptions;
  readonly #truth: TruthStore;
  /** Those that were killed as well. */
  readonly #members: MemberProcess[];
  readonly #calms: Span[] = [];
  readonly #delays: Lag[] = [];
  readonly #lags: Lag[] = [];
  readonly #rollbacks: Rollback[] = [];
  readonly #log: string[] = [];
  readonly #begun = now();
  readonly #loop = monitorEventLoopDelay({ resolution: 5 });
  readonly #watch: NodeJS.Timeout;

  /** @param site belongs to the fleet from now on, which ends it */
  static async start<S extends Site>(site: S, options: FleetOptions): Promise<Fleet<S>> {
    const fleet = new Fleet(site, options);
    try {
      await Promise.all(fleet.seats.map(({ member }) => member.begun()));
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  private constructor(site: S, options: FleetOptions) {
    this.#options = options;
    this.site = site;
    this.#truth = new TruthStore(options.keys);
    this.seats = Array.from({ length: options.members }, (_, slot) => ({
      slot,
      member: this.#launch(slot, 0),
    }));
    this.#members = this.seats.map(({ member }) => member);
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
      circumstances: {
        calms: this.#calms,
        delays: this.#delays,
        lags: this.#lags,
        rollbacks: this.#rollbacks,
      },
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

  /** Resolves when each member hears the others, and trusts its memory. */
  async joined(): Promise<void> {
    await Promise.all(this.seats.map(({ member }) => member.do({ act: 'join', key: 0 })));
  }

  /** From now on nothing is done to anybody. */
  calm(): void {
    this.#calms.push({ from: now(), to: Infinity });
    this.say('calm');
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
    await this.#seatAnother(seat);
  }

  /** Kills all processes, and starts others in their places when what is to happen meanwhile has happened. */
  async replaceAll(meanwhile: () => Promise<unknown>): Promise<void> {
    await Promise.all(this.seats.map(({ member }) => member.kill()));
    await meanwhile();
    await Promise.all(this.seats.map((seat) => this.#seatAnother(seat)));
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
    await this.site.stop();
  }

  async #seatAnother(seat: Seat): Promise<void> {
    const { life } = seat.member.options;
    seat.member = this.#launch(seat.slot, life + 1);
    this.#members.push(seat.member);
    await seat.member.begun();
  }

  #launch(slot: number, life: number): MemberProcess {
    const { programs, seed, keys, load, sabotage, storeTimeout = 250, ...terms } = this.#options;
    const { serve, keep } = { ...terms, ...terms.memberTerms };
    const options: MemberOptions = {
      name: life === 0 ? `member ${slot}` : `member ${slot}, life ${life}`,
      slot,
      life,
      seed: seed + 1000 * slot + life,
      prefix: PREFIX,
      ...this.site.wayOf(slot),
      keys,
      load,
      serve,
      keep,
      storeTimeout,
      sabotage,
    };
    return new MemberProcess(programs.member, options, this.#truth);
  }
}
