import type { StoreCall, StoredEntry, StoreWrite, WriteResult } from '@perf/cache-core';
import type { StoreEvents } from '../events.ts';
import type { KeySpace } from '../keys/key-space.ts';
import { DELETE, READ, TOUCH, WRITE } from '../scripts/entry-scripts.ts';
import { asBuffer, entryOf, itemsOf, lifetime } from '../scripts/reply.ts';
import type { ScriptRunner } from '../batching/script-runner.ts';
import { TurnGatherer } from '../batching/turn-gatherer.ts';
import type { Limits } from './limits.ts';

/** What {@link READ} answers for something that is no value. */
const DAMAGED = -3;
/** What {@link WRITE} answers for want of room. */
const NO_ROOM = 2;

/** The values of one store, without what makes loading them safe. */
export class Entries {
  readonly #runner: ScriptRunner;
  readonly #space: KeySpace;
  readonly #limits: Limits;
  readonly #events: StoreEvents;
  readonly #writes: TurnGatherer<StoreWrite, WriteResult>;

  constructor(runner: ScriptRunner, space: KeySpace, limits: Limits, events: StoreEvents) {
    this.#runner = runner;
    this.#space = space;
    this.#limits = limits;
    this.#events = events;
    this.#writes = new TurnGatherer({
      send: (entries, call, isGivenUp) => this.#write(entries, call, isGivenUp),
      isReady: () => runner.isReady,
    });
    runner.beforeEach(() => {
      this.#writes.flush();
    });
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
        read: (reply, some) => this.#readEntries(reply, some),
        failed: () => undefined,
      },
      call,
    );
  }

  async setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    this.#runner.assertOpen(call);
    const fitting = entries.filter((entry) => this.#limits.fits(entry));
    const results = fitting.length === 0 ? [] : await this.#writes.add(fitting, call);
    if (fitting.length === entries.length) return results;
    const byEntry = new Map(fitting.map((entry, index) => [entry, results[index]]));
    return entries.map((entry) => byEntry.get(entry) ?? 'refused');
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
          keys: [
            ...some.map((key) => this.#space.valueOf(key)),
            ...some.map((key) => this.#space.ticketOf(key)),
          ],
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

  #write(
    entries: readonly StoreWrite[],
    call: StoreCall,
    isGivenUp: () => boolean,
  ): Promise<readonly WriteResult[]> {
    const { news } = call;
    return this.#runner.runBatch<StoreWrite, WriteResult>(
      {
        operation: 'setMany',
        items: entries,
        keyOf: ({ key }) => key,
        sizeOf: ({ bytes }) => bytes.length,
        command: (some) => ({
          script: WRITE,
          keys: [
            ...some.map(({ key }) => this.#space.valueOf(key)),
            ...some.map(({ key }) => this.#space.ticketOf(key)),
          ],
          args: [
            news?.channel ?? '',
            news?.drop(some.map(({ key }) => key)) ?? '',
            ...some.flatMap(({ bytes, ttl }) => [asBuffer(bytes), lifetime(ttl)]),
          ],
        }),
        read: (reply) => this.#readResults('setMany', reply),
        failed: () => 'unknown',
      },
      call,
      isGivenUp,
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

  #readResults(operation: string, reply: unknown): WriteResult[] {
    const items = itemsOf(reply);
    const refused = items.filter((one) => Number(one) === NO_ROOM).length;
    if (refused > 0) this.#events.emit('full', { operation, entries: refused });
    return items.map((one) => (Number(one) === 1 ? 'stored' : 'refused'));
  }
}
