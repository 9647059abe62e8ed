import type { StoreCall, StoredEntry, StoreWrite, WriteResult } from '@perf/cache-core';
import { isReply } from '../client/driver-errors.ts';
import type { StoreEvents } from '../events.ts';
import type { KeySpace } from '../keys/key-space.ts';
import { DELETE, READ, REMAINING, TOUCH, WRITE } from '../scripts/entry-scripts.ts';
import { asBuffer, entryOf, itemsOf, lifetime } from '../scripts/reply.ts';
import type { ScriptRunner } from '../batching/script-runner.ts';
import type { Sender } from '../batching/sender.ts';
import type { Limits } from './limits.ts';
import { readResults } from './write-results.ts';

/** What is answered for the lifetime of nothing. */
const ABSENT = -2;
/** What {@link READ} answers for something that is no value. */
const DAMAGED = -3;

/** The values of one store, without what makes loading them safe. */
export class Entries {
  readonly #runner: ScriptRunner;
  readonly #space: KeySpace;
  readonly #limits: Limits;
  readonly #events: StoreEvents;

  constructor(runner: ScriptRunner, space: KeySpace, limits: Limits, events: StoreEvents) {
    this.#runner = runner;
    this.#space = space;
    this.#limits = limits;
    this.#events = events;
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#runner.runBatch<string, StoredEntry | undefined>(
      {
        operation: 'getMany',
        items: keys,
        keyOf: (key) => key,
        command: (some) => ({
          script: READ,
          keys: some.map((key) => this.#space.valueOf(key)),
          args: [],
        }),
        plain: (some, sender) => this.#getPlain(some, sender),
        read: (reply, some) => this.#readEntries(reply, some),
        failed: () => undefined,
      },
      call,
    );
  }

  /**
   * Plain commands move values several times as fast as scripts. How long each is kept comes first: of a
   * value that is written in between, too little at worst.
   */
  async #getPlain(
    keys: readonly string[],
    { plain, script }: Sender,
  ): Promise<readonly (StoredEntry | undefined)[]> {
    const names = keys.map((key) => this.#space.valueOf(key));
    const [name = ''] = names;
    const isOne = names.length === 1;
    const [lifetimes, values] = await Promise.all(
      isOne
        ? [plain('PTTL', name), plain('GET', name).catch(absentUnlessLost)]
        : [script({ script: REMAINING, keys: names, args: [] }), plain('MGET', ...names)],
    );
    const remaining = isOne ? [lifetimes] : itemsOf(lifetimes);
    const bytes = isOne ? [values] : itemsOf(values);
    const odd: string[] = [];
    const entries = keys.map((key, index) => {
      const one = bytes[index];
      const left = Number(remaining[index]);
      if (one !== null && one !== undefined)
        return left === ABSENT ? undefined : entryOf(one, left);
      // Gone in between, or no value.
      if (left !== ABSENT) odd.push(key);
      return undefined;
    });
    if (odd.length > 0) {
      const reply = await script({
        script: READ,
        keys: odd.map((key) => this.#space.valueOf(key)),
        args: [],
      });
      this.#readEntries(reply, odd);
    }
    return entries;
  }

  setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    const { news } = call;
    return this.#limits.storeFitting(entries, (fitting) =>
      this.#runner.runBatch<StoreWrite, WriteResult>(
        {
          operation: 'setMany',
          items: fitting,
          keyOf: ({ key }) => key,
          sizeOf: ({ bytes }) => bytes.length,
          command: (some) => ({
            script: WRITE,
            keys: this.#space.valuesAndTickets(some),
            args: [
              news?.channel ?? '',
              news?.drop(some.map(({ key }) => key)) ?? '',
              ...some.flatMap(({ bytes, ttl }) => [asBuffer(bytes), lifetime(ttl)]),
            ],
          }),
          read: (reply) => readResults('setMany', itemsOf(reply), this.#events),
          failed: () => 'unknown',
        },
        call,
      ),
    );
  }

  async deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    const { news } = call;
    let removed = 0;
    await this.#runner.runBatch(
      {
        operation: 'deleteMany',
        items: keys,
        keyOf: (key) => key,
        command: (some) => ({
          script: DELETE,
          keys: this.#space.valuesAndTickets(some.map((key) => ({ key }))),
          args: [news?.channel ?? '', news?.drop(some) ?? ''],
        }),
        read: (reply) => {
          removed += Number(reply);
          return [];
        },
      },
      call,
    );
    return removed;
  }

  async touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    await this.#runner.runBatch(
      {
        operation: 'touchMany',
        items: keys,
        keyOf: (key) => key,
        command: (some) => ({
          script: TOUCH,
          keys: some.map((key) => this.#space.valueOf(key)),
          args: [lifetime(ttl)],
        }),
        read: () => [],
      },
      call,
    );
  }

  #readEntries(reply: unknown, keys: readonly string[]): (StoredEntry | undefined)[] {
    const items = itemsOf(reply);
    const damaged: string[] = [];
    const entries = keys.map((key, index) => {
      const bytes = items[2 * index];
      const remaining = items[2 * index + 1];
      if (bytes !== null && bytes !== undefined) return entryOf(bytes, remaining);
      if (Number(remaining) === DAMAGED) damaged.push(key);
      return undefined;
    });
    if (damaged.length > 0) this.#events.emit('damaged', { keys: damaged });
    return entries;
  }
}

/** The server's refusal, of what is no value, is an answer. */
function absentUnlessLost(error: unknown): null {
  if (isReply(error)) return null;
  throw error;
}
