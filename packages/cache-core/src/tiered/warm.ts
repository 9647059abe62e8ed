import { checkInteger } from '@perf/core';

/** What has been warmed so far. */
export interface WarmProgress {
  readonly done: number;
  readonly failed: number;
}

/** Options of `warm`. */
export interface WarmOptions {
  /** How many keys are loaded or stored at once. @default 16 */
  readonly concurrency?: number;
  /** Called after each key. */
  readonly onProgress?: (progress: WarmProgress) => void;
  /** Stops after those under way; `warm` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` over a source with bounded concurrency, taking the next item only when there is room.
 * A failing item is counted, not thrown; a failing source or an abort rejects once those under way
 * have ended.
 */
export async function warm<Item>(
  source: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<unknown>,
  options: WarmOptions,
): Promise<WarmProgress> {
  const { onProgress, signal } = options;
  const concurrency = checkInteger('concurrency', options.concurrency ?? 16);
  const underWay = new Set<Promise<void>>();
  let done = 0;
  let failed = 0;
  async function one(item: Item): Promise<void> {
    try {
      await work(item);
      done++;
    } catch {
      // Reported by the cache's own events.
      failed++;
    }
    onProgress?.({ done, failed });
  }
  try {
    for await (const item of source) {
      signal?.throwIfAborted();
      const running = one(item).finally(() => underWay.delete(running));
      underWay.add(running);
      if (underWay.size >= concurrency) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
  signal?.throwIfAborted();
  return { done, failed };
}
