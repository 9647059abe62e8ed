import { abortable, type Clock, type Lifecycle } from '@perf/core';
import { StoreUnavailableError, type StoreCall } from '@perf/cache-core';
import type { ClientWatch } from '../client/client-watch.ts';
import type { Connection } from '../client/connection.ts';
import { isCluster } from '../client/redis-client.ts';
import type { StoreEvents } from '../events.ts';
import { isGivenUp, untilGivenUp } from './given-up.ts';
import { senderOf, type ScriptCall, type Sender } from './sender.ts';

/** How many keys one command concerns at most. */
const KEYS_PER_COMMAND = 500;
/** How many bytes of values one command carries at most, unless one value has more. */
const BYTES_PER_COMMAND = 8 * 1024 * 1024;

/** How a batch is sent and answered. */
export interface Batch<Item, Answer> {
  readonly operation: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** How many bytes an item carries. @default 0 */
  readonly sizeOf?: (item: Item) => number;
  /** The command for items that are on one slot. */
  readonly command: (items: readonly Item[]) => ScriptCall;
  /** Asks for items without a script, where they need not be on one slot. @default by {@link command} */
  readonly plain?: (items: readonly Item[], sender: Sender) => Promise<readonly Answer[]>;
  /** The answers of such a command, in the order of its items. */
  readonly read: (reply: unknown, items: readonly Item[]) => readonly Answer[];
  /**
   * The answer for items whose command failed, while that of others did not; without it the whole batch
   * fails, and its error names the keys for which it did.
   */
  readonly failed?: (item: Item) => Answer;
}

/**
 * Sends scripts, and what needs none. Without a cluster a batch is one command; in a cluster it is one for each key, since almost
 * every key has a slot of its own, and they are sent side by side.
 */
export class ScriptRunner {
  readonly #store: string;
  readonly #lifecycle: Lifecycle;
  readonly #connection: Connection;
  readonly #events: StoreEvents;
  readonly #clock: Clock;
  /** Commands that wait for the connection; later ones go behind them. */
  #waiting = 0;

  constructor(
    store: string,
    lifecycle: Lifecycle,
    connection: Connection,
    events: StoreEvents,
    clock: Clock,
  ) {
    this.#store = store;
    this.#lifecycle = lifecycle;
    this.#connection = connection;
    this.#events = events;
    this.#clock = clock;
  }

  /** @throws when the store is closed, or the call was given up */
  assertOpen(call: StoreCall): void {
    this.#lifecycle.assertOpen();
    if (isGivenUp(call)) call.signal.throwIfAborted();
  }

  /**
   * Rejects when the signal aborts, though what was sent may still take effect then.
   * @param run called when commands can be sent
   */
  run<T>(operation: string, run: (sender: Sender) => Promise<T>, call: StoreCall): Promise<T> {
    const isOver = (): boolean => isGivenUp(call);
    return this.#bounded(operation, (watch) => run(senderOf(watch, isOver, this.#clock)), call);
  }

  /** One answer for each item, in their order. Rejects when the signal aborts, or nothing could be done. */
  runBatch<Item, Answer>(batch: Batch<Item, Answer>, call: StoreCall): Promise<readonly Answer[]> {
    const { operation, items, plain } = batch;
    if (items.length === 0) return this.#nothing();
    return this.#bounded(
      operation,
      (watch) => {
        const sender = senderOf(watch, () => isGivenUp(call), this.#clock);
        if (!isOneCommand(batch, watch)) return this.#sendParts(batch, watch, sender);
        if (plain !== undefined && !isCluster(watch.client)) return plain(items, sender);
        return sender.script(batch.command(items)).then((reply) => batch.read(reply, items));
      },
      call,
    );
  }

  async #nothing(): Promise<readonly never[]> {
    this.#lifecycle.assertOpen();
    return [];
  }

  async #sendParts<Item, Answer>(
    batch: Batch<Item, Answer>,
    watch: ClientWatch,
    { script }: Sender,
  ): Promise<readonly Answer[]> {
    const { operation, items, failed } = batch;
    const parts = isCluster(watch.client) ? partsByKey(batch) : partsBySize(batch);
    const settled = await Promise.allSettled(
      parts.map(async (part) => {
        const some = part.map((index) => items[index] as Item);
        return batch.read(await script(batch.command(some)), some);
      }),
    );
    const failures = settled.filter((one) => one.status === 'rejected');
    const [failure] = failures;
    if (failure !== undefined) {
      const error = failure.reason as Error;
      if (failed === undefined) {
        const lost = parts.filter((_, index) => settled[index]?.status === 'rejected').flat();
        const failedKeys = lost.map((index) => batch.keyOf(items[index] as Item));
        throw new StoreUnavailableError(this.#store, operation, { cause: error, failedKeys });
      }
      if (failures.length === parts.length) throw error;
      this.#events.emit('trouble', { operation, error });
    }
    const answers = Array.from<Answer>({ length: items.length });
    for (const [index, part] of parts.entries()) {
      const result = settled[index];
      for (const [place, item] of part.entries()) {
        answers[item] = (
          result?.status === 'fulfilled' ? result.value[place] : failed?.(items[item] as Item)
        ) as Answer;
      }
    }
    return answers;
  }

  /** At once where there is a connection, so that commands are sent in the order of the calls. */
  #bounded<T>(
    operation: string,
    run: (watch: ClientWatch) => Promise<T>,
    call: StoreCall,
  ): Promise<T> {
    const failed = (error: unknown): never => {
      if (isGivenUp(call) && error === call.signal.reason) throw error;
      if (error instanceof StoreUnavailableError) throw error;
      throw new StoreUnavailableError(this.#store, operation, { cause: error });
    };
    try {
      this.assertOpen(call);
    } catch (error) {
      return Promise.reject(error);
    }
    const watch = this.#waiting === 0 ? this.#connection.present : undefined;
    if (watch === undefined) return this.#whenOpen(run, call).catch(failed);
    try {
      return untilGivenUp(run(watch), call).catch(failed);
    } catch (error) {
      return Promise.reject(error).catch(failed);
    }
  }

  async #whenOpen<T>(run: (watch: ClientWatch) => Promise<T>, call: StoreCall): Promise<T> {
    this.#waiting++;
    let opened: ClientWatch;
    try {
      opened = await abortable(this.#connection.open(), call.signal);
    } finally {
      this.#waiting--;
    }
    return untilGivenUp(run(opened), call);
  }
}

function isOneCommand<Item, Answer>(
  { items, sizeOf }: Batch<Item, Answer>,
  { client }: ClientWatch,
): boolean {
  if (items.length === 1) return true;
  if (items.length > KEYS_PER_COMMAND || isCluster(client)) return false;
  return sizeOf === undefined || sizeOfAll(items, sizeOf) <= BYTES_PER_COMMAND;
}

function sizeOfAll<Item>(items: readonly Item[], sizeOf: (item: Item) => number): number {
  let size = 0;
  for (const item of items) size += sizeOf(item);
  return size;
}

/** The places of the items of each part. */
function partsByKey<Item, Answer>({ items, keyOf }: Batch<Item, Answer>): readonly number[][] {
  const parts = new Map<string, number[]>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [index]);
    else part.push(index);
  }
  return [...parts.values()];
}

function partsBySize<Item, Answer>({ items, sizeOf }: Batch<Item, Answer>): readonly number[][] {
  const parts: number[][] = [];
  let part: number[] = [];
  let size = 0;
  for (const [index, item] of items.entries()) {
    const added = sizeOf?.(item) ?? 0;
    if (part.length === KEYS_PER_COMMAND || (part.length > 0 && size + added > BYTES_PER_COMMAND)) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(index);
    size += added;
  }
  return [...parts, part];
}
