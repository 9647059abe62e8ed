import { abortable, createDeferred, type Clock, type Lifecycle } from '@perf/core';
import { StoreUnavailableError, type StoreCall } from '@perf/cache-core';
import type { ClientWatch } from '../client/client-watch.ts';
import type { Connection } from '../client/connection.ts';
import { isCluster, type RedisArgument } from '../client/redis-client.ts';
import { isReply } from '../client/session.ts';
import { withoutCommand } from '../errors.ts';
import type { StoreEvents } from '../events.ts';
import type { Script } from '../scripts/script.ts';

/** How many keys one command concerns at most. */
const KEYS_PER_COMMAND = 500;
/** How many bytes of values one command carries at most, unless one value has more. */
const BYTES_PER_COMMAND = 8 * 1024 * 1024;

/** How long a command for a slot that moves is tried again at most, and after which pauses, in milliseconds. */
const LONGEST_MOVE = 5000;
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 50;

/** One command: a script, and what it is to work on. All keys are on one slot. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
}

/** How a batch is sent and answered. */
export interface Batch<Item, Answer> {
  readonly operation: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** How many bytes an item carries. @default 0 */
  readonly sizeOf?: (item: Item) => number;
  /** The command for items that are on one slot. */
  readonly command: (items: readonly Item[]) => ScriptCall;
  /** The answers of such a command, in the order of its items. */
  readonly read: (reply: unknown, items: readonly Item[]) => readonly Answer[];
  /**
   * The answer for items whose command failed, while that of others did not; without it the whole batch
   * fails, and its error names the keys for which it did.
   */
  readonly failed?: (item: Item) => Answer;
}

/**
 * Sends scripts. Without a cluster a batch is one command; in a cluster it is one for each key, since almost
 * every key has a slot of its own, and they are sent side by side.
 */
export class ScriptRunner {
  readonly #store: string;
  readonly #lifecycle: Lifecycle;
  readonly #connection: Connection;
  readonly #events: StoreEvents;
  readonly #clock: Clock;
  readonly #before: (() => void)[] = [];
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

  /** Whether what is sent now leaves at once. */
  get isReady(): boolean {
    return this.#waiting === 0 && this.#connection.present !== undefined;
  }

  /** Calls `flush` before each command, for what has to be sent before it. */
  beforeEach(flush: () => void): void {
    this.#before.push(flush);
  }

  /** Sends what has to be sent before anything else. */
  flush(): void {
    for (const flush of this.#before) flush();
  }

  /** @throws when the store is closed, or the call was given up */
  assertOpen({ signal }: StoreCall): void {
    this.#lifecycle.assertOpen();
    signal.throwIfAborted();
  }

  /**
   * Rejects when the signal aborts, though the command may still take effect then.
   * @param command made when it is sent
   */
  run(operation: string, command: () => ScriptCall, { signal }: StoreCall): Promise<unknown> {
    const isGivenUp = (): boolean => signal.aborted;
    return this.#bounded(operation, (watch) => this.#send(watch, command(), isGivenUp), signal);
  }

  /**
   * One answer for each item, in their order. Rejects when the signal aborts, or nothing could be done.
   * @param isGivenUp whether nobody wants any more what has not been sent yet
   */
  async runBatch<Item, Answer>(
    batch: Batch<Item, Answer>,
    { signal }: StoreCall,
    isGivenUp: () => boolean = () => signal.aborted,
  ): Promise<readonly Answer[]> {
    this.#lifecycle.assertOpen();
    if (batch.items.length === 0) return [];
    return this.#bounded(
      batch.operation,
      async (watch) => {
        if (!isOneCommand(batch, watch)) return this.#sendParts(batch, watch, isGivenUp);
        const reply = await this.#send(watch, batch.command(batch.items), isGivenUp);
        return batch.read(reply, batch.items);
      },
      signal,
    );
  }

  #send(watch: ClientWatch, command: ScriptCall, isGivenUp: () => boolean): Promise<unknown> {
    const sent = sendOnce(watch, command, isGivenUp);
    return isCluster(watch.client)
      ? sent.catch((error: unknown) => this.#sendAgain(watch, command, isGivenUp, error))
      : sent;
  }

  /** While a slot moves, its node runs nothing on two keys; nothing has been done then. */
  async #sendAgain(
    watch: ClientWatch,
    command: ScriptCall,
    isGivenUp: () => boolean,
    reason: unknown,
  ): Promise<unknown> {
    let error = reason;
    const end = this.#clock.now() + LONGEST_MOVE;
    for (let pause = FIRST_PAUSE; isMoving(error); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const over = createDeferred();
      this.#clock.setTimer(over.resolve, pause);
      await over.promise;
      if (isGivenUp() || this.#clock.now() > end) break;
      try {
        return await sendOnce(watch, command, isGivenUp);
      } catch (latest) {
        error = latest;
      }
    }
    throw error;
  }

  async #sendParts<Item, Answer>(
    batch: Batch<Item, Answer>,
    watch: ClientWatch,
    isGivenUp: () => boolean,
  ): Promise<readonly Answer[]> {
    const { operation, items, failed } = batch;
    const parts = isCluster(watch.client) ? partsByKey(batch) : partsBySize(batch);
    const settled = await Promise.allSettled(
      parts.map(async (part) => {
        const some = part.map((index) => items[index] as Item);
        return batch.read(await this.#send(watch, batch.command(some), isGivenUp), some);
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
  async #bounded<T>(
    operation: string,
    run: (watch: ClientWatch) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    this.assertOpen({ signal });
    this.flush();
    try {
      const watch = this.#waiting === 0 ? this.#connection.present : undefined;
      if (watch !== undefined) return await abortable(run(watch), signal);
      this.#waiting++;
      let opened: ClientWatch;
      try {
        opened = await abortable(this.#connection.open(), signal);
      } finally {
        this.#waiting--;
      }
      return await abortable(run(opened), signal);
    } catch (error) {
      if (signal.aborted && error === signal.reason) throw error;
      if (error instanceof StoreUnavailableError) throw error;
      throw new StoreUnavailableError(this.#store, operation, { cause: error });
    }
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

/**
 * A server that does not know the script by its name is sent the whole of it, unless the call has been given
 * up by then: whoever gave it up may have repeated it meanwhile.
 */
async function sendOnce(
  watch: ClientWatch,
  { script, keys, args }: ScriptCall,
  isGivenUp: () => boolean,
): Promise<unknown> {
  const { client } = watch;
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await watch.track(client.callBuffer('evalsha', script.sha, ...rest));
  } catch (error) {
    const isUnknown = isReply(error) && error.message.startsWith('NOSCRIPT');
    if (!isUnknown || isGivenUp()) throw withoutCommand(error);
  }
  try {
    return await watch.track(client.callBuffer('eval', script.source, ...rest));
  } catch (error) {
    throw withoutCommand(error);
  }
}

/** No node has taken the command, and the driver has asked often enough; the last answer may be any redirection. */
function isMoving(error: unknown): boolean {
  return error instanceof Error && /TRYAGAIN|^Too many Cluster redirections/.test(error.message);
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
