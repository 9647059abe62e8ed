import { DueEntry, DueList, TimeoutError, type Clock } from '@perf/core';
import { LimiterUnavailableError } from '../errors.ts';
import { runStep, type Step, type StepReply } from './limit-script.ts';
import type { RedisLimiterClient } from './redis-client.ts';
import type { RedisRateLimiterSettings } from './options.ts';

/** What a {@link RedisLink} tells. */
export interface LinkListener {
  onDown(error: unknown): void;
  onUp(): void;
  onTrouble(error: unknown): void;
}

/** In these states of a client its first connection is on its way. */
const STARTING: ReadonlySet<string> = new Set(['wait', 'connecting', 'connect']);

/** One who waits for an answer, at most until its deadline. */
class Question extends DueEntry {
  readonly settle: (reply: StepReply | undefined) => void;
  readonly #host: RedisLink;

  constructor(host: RedisLink, settle: (reply: StepReply | undefined) => void) {
    super();
    this.#host = host;
    this.settle = settle;
  }

  override expire(): void {
    this.#host.expired(this);
  }
}

/**
 * Puts steps to Redis, each with a deadline. After one that failed, or was not answered in time, the link is down: nobody
 * waits for Redis any more, but for one step in every `retryInterval`. It is up again with the first answer, even if
 * that comes late.
 */
export class RedisLink {
  readonly #settings: RedisRateLimiterSettings;
  readonly #client: RedisLimiterClient;
  readonly #clock: Clock;
  readonly #listener: LinkListener;
  readonly #questions = new Set<Question>();
  readonly #due: DueList;
  #isUp = true;
  #wasReady = false;
  #starting: Promise<void> | undefined;
  /** Steps that Redis has not answered, though nobody may wait for them any more. */
  #unanswered = 0;
  #nextTry = 0;
  #steps = 0;

  constructor(settings: RedisRateLimiterSettings, listener: LinkListener) {
    this.#settings = settings;
    this.#client = settings.client;
    this.#clock = settings.clock;
    this.#listener = listener;
    this.#due = new DueList(settings.clock);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Steps that were sent since the start. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Never rejects.
   * @param due when nobody waits for the answer any more, by the clock. @default the deadline from now
   * @returns `undefined`, at once or later, when Redis does not answer
   */
  ask(
    key: string,
    step: Step,
    cost: number,
    most: number,
    due: number = this.#clock.now() + this.#settings.deadline,
  ): Promise<StepReply | undefined> | undefined {
    if (!this.#isUp && !this.#mayTry()) return undefined;
    if (this.#client.status !== 'ready') {
      if (this.#wasReady || !STARTING.has(this.#client.status)) {
        this.#down(new LimiterUnavailableError(this.#settings.name, this.#client.status));
        return undefined;
      }
      return this.#question(due, async () => {
        await this.#started();
        return this.#send(key, step, cost, most);
      });
    }
    this.#wasReady = true;
    return this.#question(due, () => this.#send(key, step, cost, most));
  }

  /**
   * The question was not answered in time. What arrived while this process stood still has not been read yet, since
   * timers come first: that is not Redis's fault.
   */
  expired(question: Question): void {
    setImmediate(() => {
      if (!this.#questions.has(question)) return;
      const { name, deadline } = this.#settings;
      this.#down(new TimeoutError(`the rate limit "${name}" in Redis`, deadline, { stack: false }));
      this.#answer(question, undefined);
    });
  }

  #mayTry(): boolean {
    if (this.#unanswered > 0 || this.#client.status !== 'ready') return false;
    const now = this.#clock.now();
    if (now < this.#nextTry) return false;
    this.#nextTry = now + this.#settings.retryInterval;
    return true;
  }

  #question(due: number, run: () => Promise<StepReply>): Promise<StepReply | undefined> {
    return new Promise((resolve) => {
      const question = new Question(this, resolve);
      this.#questions.add(question);
      this.#due.add(question, due, this.#clock.now());
      this.#unanswered++;
      run().then(
        (reply) => {
          this.#unanswered--;
          this.#up();
          this.#answer(question, reply);
        },
        (error: unknown) => {
          this.#unanswered--;
          if (isOfKey(error)) this.#listener.onTrouble(error);
          else this.#down(error);
          this.#answer(question, undefined);
        },
      );
    });
  }

  #answer(question: Question, reply: StepReply | undefined): void {
    if (!this.#questions.delete(question)) return;
    this.#due.remove(question);
    question.settle(reply);
  }

  #up(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#listener.onUp();
  }

  #down(error: unknown): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#nextTry = this.#clock.now() + this.#settings.retryInterval;
    this.#listener.onDown(error);
    // What is on its way has the same fate; nobody has to wait for that.
    for (const question of this.#questions) this.#answer(question, undefined);
  }

  #send(key: string, step: Step, cost: number, most: number): Promise<StepReply> {
    const { rate, burst } = this.#settings.rate;
    this.#steps++;
    return runStep(this.#client, `${this.#settings.prefix}:${key}`, rate, burst, step, cost, most);
  }

  /** Resolves with the first connection, however long that takes; nobody waits beyond the deadline. */
  #started(): Promise<void> {
    this.#starting ??= new Promise((resolve, reject) => {
      const client = this.#client;
      const settle = (): void => {
        client.off('ready', settle);
        client.off('close', settle);
        this.#starting = undefined;
        if (client.status === 'ready') resolve();
        else reject(new LimiterUnavailableError(this.#settings.name, client.status));
      };
      client.on('ready', settle);
      client.on('close', settle);
      // Its failure is told by the event.
      if (client.status === 'wait') client.connect().catch(() => undefined);
    });
    return this.#starting;
  }
}

/** Whether the server works, and only this key does not: something else is stored there. */
function isOfKey(error: unknown): boolean {
  return error instanceof Error && error.message.includes('WRONGTYPE');
}
