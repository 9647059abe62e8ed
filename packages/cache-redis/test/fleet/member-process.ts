import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createDeferred, type Deferred } from '@perf/core';
import type { Invalidation, Lag, ProcessHistory, Read, Recovery, Span } from './history.ts';
import type { FromMember, MemberOptions, Order, Seen, Summary, ToMember } from './messages.ts';
import type { TruthStore } from './truth.ts';

/** How long a process may take to begin, and to end its operations and replay what is queued, in milliseconds. */
const LONGEST_START = 60_000;
const LONGEST_REST = 120_000;

/** An operation that is held in the midst of it. */
export interface HeldOrder {
  /** Lets it go on; resolves when it is done. */
  finish(): Promise<void>;
}

interface Ordered {
  readonly id: number;
  readonly held: Deferred<void>;
  readonly done: Deferred<void>;
}

/** One process of a fleet, and what it has told so far. */
export class MemberProcess implements ProcessHistory {
  readonly name: string;
  readonly options: MemberOptions;
  readonly reads: Read[] = [];
  readonly isolations: Span[] = [];
  readonly lags: Lag[] = [];
  readonly recoveries: Recovery[] = [];
  readonly #child: ChildProcess;
  readonly #invalidations = new Map<number, Invalidation>();
  readonly #ended: Promise<unknown>;
  #summary: Summary | undefined;
  readonly #orders: Ordered[] = [];

  constructor(program: string, options: MemberOptions, truth: TruthStore) {
    this.name = options.name;
    this.options = options;
    this.#child = fork(program, [JSON.stringify(options)], {
      execArgv: [],
      serialization: 'advanced',
    });
    this.#ended = once(this.#child, 'exit');
    void this.#ended.then(() => {
      for (const { done } of this.#orders) done.reject(new Error(`${this.name} ended`));
    });
    this.#child.on('message', (message: FromMember) => {
      if (message.kind === 'read') this.#answer(message.id, [truth.read(message.key)]);
      else if (message.kind === 'bump') this.#answer(message.id, truth.bump(message.keys));
      else if (message.kind === 'seen') this.#note(message.seen);
      else if (message.kind === 'held') this.#orders[message.id]?.held.resolve();
      else if (message.kind === 'done') this.#done(message);
      else if (message.kind === 'swept') this.#summary = message.summary;
    });
  }

  get invalidations(): readonly Invalidation[] {
    return [...this.#invalidations.values()];
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when it has begun. */
  async begun(): Promise<void> {
    await this.#heard('ready', LONGEST_START);
  }

  /** Stops its operations; how many invalidations are pending when it has waited for them long enough. */
  async rest(): Promise<number> {
    this.#send({ kind: 'rest' });
    return (await this.#heard('quiet', LONGEST_REST)).pending;
  }

  /** Reads every key once more, closes the cache and ends by itself; `undefined` if it does not. */
  async sweep(timeout: number): Promise<Summary | undefined> {
    this.#send({ kind: 'sweep' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeout);
    const [code] = (await this.#ended) as [number | null];
    clearTimeout(timer);
    return code === 0 ? this.#summary : undefined;
  }

  /** Resolves when it has done it. */
  async do(order: Order): Promise<void> {
    await this.#order(order).done.promise;
  }

  /** Resolves when it has begun it and is held in the midst of it. */
  async hold(order: Order): Promise<HeldOrder> {
    const { id, held, done } = this.#order({ ...order, held: true });
    await Promise.race([held.promise, done.promise]);
    return {
      finish: async () => {
        this.#send({ kind: 'let go', id });
        await done.promise;
      },
    };
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Stops the process for a while, as a machine that hangs would. */
  stall(stalled: boolean): void {
    this.#child.kill(stalled ? 'SIGSTOP' : 'SIGCONT');
  }

  #order(order: Order): Ordered {
    const ordered = { id: this.#orders.length, held: createDeferred(), done: createDeferred() };
    this.#orders.push(ordered);
    this.#send({ kind: 'order', id: ordered.id, order });
    return ordered;
  }

  #done({ id, error }: Extract<FromMember, { kind: 'done' }>): void {
    const done = this.#orders[id]?.done;
    if (error === undefined) done?.resolve();
    else done?.reject(new Error(`${this.name}: ${error}`));
  }

  #note({ reads, invalidations, counted, isolations, recoveries, lag }: Seen): void {
    for (let at = 0; at < reads.length; at += 4) {
      const [key = 0, began = 0, ended = 0, version = 0] = reads.subarray(at, at + 4);
      this.reads.push({ key, began, ended, version });
    }
    for (const { id, ...invalidation } of invalidations) this.#invalidations.set(id, invalidation);
    for (const [id, at] of counted) {
      const invalidation = this.#invalidations.get(id);
      if (invalidation !== undefined) this.#invalidations.set(id, { ...invalidation, counted: at });
    }
    this.isolations.push(...isolations);
    this.recoveries.push(...recoveries);
    this.lags.push(lag);
  }

  #answer(id: number, versions: readonly number[]): void {
    this.#send({ kind: 'answer', id, versions });
  }

  #send(message: ToMember): void {
    // It may have been killed.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** @param within after how many milliseconds it counts as hung: what it does by then is bounded */
  async #heard<Kind extends FromMember['kind']>(
    kind: Kind,
    within: number,
  ): Promise<Extract<FromMember, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#child.off('message', hear);
        reject(new Error(`${this.name} was not '${kind}' within ${within} ms`));
      }, within);
      const hear = (message: FromMember): void => {
        if (message.kind !== kind) return;
        clearTimeout(timer);
        this.#child.off('message', hear);
        resolve(message as Extract<FromMember, { kind: Kind }>);
      };
      this.#child.on('message', hear);
      void this.#ended.then(() => {
        clearTimeout(timer);
        reject(new Error(`${this.name} ended`));
      });
    });
  }
}
