import { abortable, checkFunction, checkInteger, checkKnown, ConfigError } from '@perf/core';

/** What has been warmed so far. */
export interface WarmProgress {
  readonly done: number;
  readonly failed: number;
}

/** Options of `warm`. */
export interface WarmOptions {
  /** How many keys are loaded or stored at once. @default 16 */
  readonly concurrency?: number;
  /** Called after each key; what it throws ends the warming and is thrown. */
  readonly onProgress?: (progress: WarmProgress) => void;
  /** Stops after those under way; `warm` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws ConfigError naming an option that `warm` does not have, or that is `null` */
export function checkWarmOptions(options: object): void {
  checkKnown('options', options, ['load', 'ttl', 'tags', 'concurrency', 'onProgress', 'signal']);
}

/**
 * Runs `work` over a source with bounded concurrency, taking the next item only when there is room.
 * A failing item is counted and told to `onFailure`, not thrown; wrong options, a failing source or an
 * abort reject once those under way have ended.
 */
export async function warm<Item>(
  source: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<unknown>,
  onFailure: (item: Item, error: unknown) => void,
  options: WarmOptions,
): Promise<WarmProgress> {
  const { onProgress, signal } = options;
  const concurrency = checkInteger('concurrency', options.concurrency ?? 16);
  if (onProgress !== undefined) checkFunction('onProgress', onProgress);
  const items = iterate(source);
  const underWay = new Set<Promise<void>>();
  let done = 0;
  let failed = 0;
  let fatal: { readonly error: unknown } | undefined;

  async function one(item: Item): Promise<void> {
    try {
      await work(item);
      done++;
    } catch (error) {
      failed++;
      if (error instanceof ConfigError) fatal ??= { error };
      else onFailure(item, error);
    }
    try {
      onProgress?.({ done, failed });
    } catch (error) {
      fatal ??= { error };
    }
  }

  let exhausted = false;
  try {
    while (fatal === undefined) {
      signal?.throwIfAborted();
      // A source that hangs is not waited for once it is called off.
      const next = await abortable(Promise.resolve(items.next()), signal);
      if (next.done === true) {
        exhausted = true;
        break;
      }
      const running = one(next.value).finally(() => underWay.delete(running));
      underWay.add(running);
      if (underWay.size >= concurrency) await Promise.race(underWay);
    }
  } catch (error) {
    fatal ??= { error };
  }
  if (!exhausted) close(items);
  await Promise.all(underWay);
  if (fatal !== undefined) throw fatal.error;
  return { done, failed };
}

function iterate<Item>(
  source: Iterable<Item> | AsyncIterable<Item>,
): Iterator<Item> | AsyncIterator<Item> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return source[Symbol.iterator]();
  }
  throw new ConfigError('source', source, 'an iterable of keys or of [key, value] entries');
}

/** Tells a source that nothing more is taken from it, without waiting for what it does about that. */
function close(items: Iterator<unknown> | AsyncIterator<unknown>): void {
  Promise.resolve()
    .then(() => items.return?.())
    .catch(() => undefined);
}
