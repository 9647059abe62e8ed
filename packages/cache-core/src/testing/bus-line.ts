import type { Clock, Timer } from '@perf/core';

/** The way of messages to one member of a hub: in order, unless a test has it otherwise. */
export class BusLine {
  /** How long a message is on its way, in milliseconds. */
  delay: number = 0;
  readonly #clock: Clock;
  readonly #deliver: (text: string) => void;
  readonly #onTheirWay = new Set<Timer>();
  /** When the last one on its way arrives: none overtakes it. */
  #lastAt = Number.NEGATIVE_INFINITY;
  #held: string[] | undefined;
  #toLose = 0;

  constructor(clock: Clock, deliver: (text: string) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get held(): readonly string[] {
    return this.#held ?? [];
  }

  lose(count: number): void {
    this.#toLose = count;
  }

  hold(): void {
    this.#held ??= [];
  }

  release(arrange: (held: readonly string[]) => readonly string[]): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const text of arrange(held)) this.#deliver(text);
  }

  /** What was not delivered never is. */
  clear(): void {
    for (const timer of this.#onTheirWay) timer.cancel();
    this.#onTheirWay.clear();
    this.#held = this.#held && [];
  }

  pass(text: string): void {
    if (this.#toLose > 0) this.#toLose--;
    else if (this.#held !== undefined) this.#held.push(text);
    else if (this.delay > 0 || this.#onTheirWay.size > 0) this.#send(text);
    else this.#deliver(text);
  }

  #send(text: string): void {
    const now = this.#clock.now();
    this.#lastAt = Math.max(this.#lastAt, now + this.delay);
    const timer = this.#clock.setTimer(() => {
      this.#onTheirWay.delete(timer);
      this.#deliver(text);
    }, this.#lastAt - now);
    this.#onTheirWay.add(timer);
  }
}
