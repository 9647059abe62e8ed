import { setMaxListeners } from 'node:events';
import { createDeferred, type Deferred } from '@perf/core';
import type { StoreCall } from '@perf/cache-core';
import { isGivenUp, untilGivenUp } from './given-up.ts';

interface Gathered<Item, Answer> {
  readonly items: readonly Item[];
  readonly call: StoreCall;
  readonly answers: Deferred<readonly Answer[]>;
}

/** What a {@link TurnGatherer} sends through. */
export interface GathererOptions<Item, Answer> {
  /** One answer for each item, in their order. */
  readonly send: (
    items: readonly Item[],
    call: StoreCall,
    isOver: () => boolean,
  ) => Promise<readonly Answer[]>;
  /** Whether what is sent leaves at once. */
  readonly isReady: () => boolean;
}

/** Those who were gathered see to their own ends. */
const ENDLESS: StoreCall = { signal: new AbortController().signal, isGivenUp: () => false };
// Every batch that is under way may listen to it.
setMaxListeners(0, ENDLESS.signal);

/**
 * Sends what several calls write within one turn of the event loop together: one command with many keys
 * costs a fraction of many commands. {@link flush} it before anything else is sent, so that the order of the
 * calls stays.
 */
export class TurnGatherer<Item, Answer> {
  readonly #options: GathererOptions<Item, Answer>;
  #gathered: Gathered<Item, Answer>[] = [];

  constructor(options: GathererOptions<Item, Answer>) {
    this.#options = options;
  }

  /** Rejects with the signal's reason when it aborts; what has not been sent then never is. */
  add(items: readonly Item[], call: StoreCall): Promise<readonly Answer[]> {
    const answers = createDeferred<readonly Answer[]>();
    this.#gathered.push({ items, call, answers });
    // Behind all promises that are settled already, and before anything that waits for the loop.
    if (this.#gathered.length === 1) {
      process.nextTick(() => {
        this.flush();
      });
    }
    return untilGivenUp(answers.promise, call);
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    const gathered = this.#gathered.filter(({ call }) => !isGivenUp(call));
    this.#gathered = [];
    // One that has to wait for the connection may be given up meanwhile, by itself.
    const groups = this.#options.isReady() ? byNews(gathered) : gathered.map((one) => [one]);
    for (const group of groups) this.#sendTogether(group);
  }

  #sendTogether(group: readonly Gathered<Item, Answer>[]): void {
    const [first, ...others] = group;
    if (first === undefined) return;
    const isOver = (): boolean => group.some(({ call }) => isGivenUp(call));
    if (others.length === 0) {
      first.answers.resolve(this.#options.send(first.items, first.call, isOver));
      return;
    }
    const items = group.flatMap((one) => one.items);
    const { news } = first.call;
    const call = news === undefined ? ENDLESS : { ...ENDLESS, news };
    this.#options.send(items, call, isOver).then(
      (all) => {
        let start = 0;
        for (const one of group) {
          one.answers.resolve(all.slice(start, start + one.items.length));
          start += one.items.length;
        }
      },
      (error: unknown) => {
        for (const one of group) one.answers.reject(error);
      },
    );
  }
}

/** Neighbours whose news are told by the same. */
function byNews<Item, Answer>(
  gathered: readonly Gathered<Item, Answer>[],
): readonly Gathered<Item, Answer>[][] {
  const groups: Gathered<Item, Answer>[][] = [];
  for (const one of gathered) {
    const last = groups.at(-1);
    if (last?.[0]?.call.news === one.call.news && last !== undefined) last.push(one);
    else groups.push([one]);
  }
  return groups;
}
