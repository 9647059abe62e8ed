import type { RateSettings } from '../limiters/options.ts';
import type { Decision } from '../limiters/rate-limiter.ts';
import { decisionAt, delayAt, type Decider } from './deciding.ts';
import type { RedisLink } from './redis-link.ts';

/** Redis decides about every request. */
export class StrictDecider implements Decider {
  readonly keys = 0;
  readonly #link: RedisLink;
  readonly #rate: RateSettings;

  constructor(link: RedisLink, rate: RateSettings) {
    this.#link = link;
    this.#rate = rate;
  }

  decide(key: string, cost: number): Promise<Decision | undefined> | undefined {
    return this.#link.ask(key, 'take', cost, cost)?.then((reply) => {
      if (reply === undefined) return undefined;
      const { taken, used } = reply;
      const isTaken = taken > 0 || cost === 0;
      return decisionAt(this.#rate, used, isTaken ? 0 : delayAt(this.#rate, used, cost));
    });
  }

  check(key: string, cost: number): Promise<Decision | undefined> | undefined {
    return this.#link.ask(key, 'check', 0, 0)?.then((reply) => {
      if (reply === undefined) return undefined;
      const { used } = reply;
      const isThere = used + cost <= this.#rate.burst;
      return decisionAt(this.#rate, used, isThere ? 0 : delayAt(this.#rate, used, cost));
    });
  }

  giveBack(key: string, cost: number): void {
    void this.#link.ask(key, 'add', -cost, 0);
  }

  forget(): void {
    // Nothing is known here.
  }

  relax(): void {
    // Nothing is known here.
  }
}
