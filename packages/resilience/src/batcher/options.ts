import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';

/** What the loader of a batch is handed beside the keys. */
export interface BatchContext {
  /** Aborts when nobody waits for the batch any more, and when it took too long. Made when it is first read. */
  readonly signal: AbortSignal;
}

/**
 * What a loader comes back with: an array as long as the keys and in their order, or a `Map` from what
 * `key` made of each key. An entry that is an `Error` rejects that key's callers alone.
 */
export type BatchResults<V, I> = readonly (V | Error)[] | ReadonlyMap<I, V | Error>;

/** Loads what belongs to the keys. */
export type BatchLoad<K, V, I> = (
  keys: readonly K[],
  context: BatchContext,
) => BatchResults<V, I> | PromiseLike<BatchResults<V, I>>;

/** How a batcher finds the size that pays. */
export interface AdaptiveBatchOptions {
  /** A batch is never cut below this size. @default 1 */
  readonly minSize?: number;
  /**
   * How long a batch should take to load. Slower ones make the next ones smaller, by a quarter each; full ones that are
   * quick enough make them larger again, up to `maxSize`. @default Infinity
   */
  readonly targetTime?: Duration;
}

/** Options of `createBatcher`. */
export interface BatcherOptions<K, V, I = K> {
  /** Called once for each batch, with no key twice. What it throws, or rejects with, all callers of the batch get. */
  readonly load: BatchLoad<K, V, I>;
  /** Told in errors, events and snapshots. @default 'batcher' */
  readonly name?: string;
  /** How many keys a batch has at most; with so many it is sent at once. @default 100 */
  readonly maxSize?: number;
  /** How long a key waits for others at most; 0 for the end of this turn of the event loop. @default '50ms' */
  readonly maxWait?: Duration;
  /**
   * Whether a batch is sent before `maxWait` once as many keys have come as usually do, so that a lone key hardly
   * waits, and how large it may be by the time that loading takes. `false`: always `maxWait`, unless full. @default true
   */
  readonly adaptive?: boolean | AdaptiveBatchOptions;
  /** What makes two keys the same, as a key of a `Map`. @default the key itself */
  readonly key?: (key: K) => I;
  /** Whether a key that waits already is loaded once for all who want it. @default true */
  readonly dedupe?: boolean;
  /** How many batches load at once; further keys gather meanwhile. @default 16 */
  readonly concurrency?: number;
  /** How many keys wait to be sent at most; a further one is refused. @default 10_000 */
  readonly maxQueue?: number;
  /** How long a batch may load; then its callers are rejected. `Infinity` for no limit. @default '30s' */
  readonly timeout?: Duration;
  /** @default the system's */
  readonly clock?: Clock;
}

/** {@link BatcherOptions}, checked and with their defaults. */
export interface ResolvedBatcherOptions<K, V, I> {
  readonly load: BatchLoad<K, V, I>;
  readonly name: string;
  readonly maxSize: number;
  readonly maxWait: number;
  /** `undefined` when it is off. */
  readonly adaptive: { readonly minSize: number; readonly targetTime: number } | undefined;
  /** `undefined` when a key is its own identity. */
  readonly key: ((key: K) => I) | undefined;
  readonly dedupe: boolean;
  readonly concurrency: number;
  readonly maxQueue: number;
  readonly timeout: number;
  readonly clock: Clock;
}

const KNOWN: readonly (keyof BatcherOptions<unknown, unknown>)[] = [
  'load',
  'name',
  'maxSize',
  'maxWait',
  'adaptive',
  'key',
  'dedupe',
  'concurrency',
  'maxQueue',
  'timeout',
  'clock',
];

/** @throws `ConfigError` naming the first option that is refused */
export function resolveBatcherOptions<K, V, I>(
  options: BatcherOptions<K, V, I>,
): ResolvedBatcherOptions<K, V, I> {
  checkKnown('createBatcher', options, KNOWN);
  const maxSize = checkInteger('maxSize', options.maxSize ?? 100);
  return {
    load: checkFunction('load', options.load),
    name: checkString('name', options.name ?? 'batcher'),
    maxSize,
    maxWait: toMilliseconds('maxWait', options.maxWait ?? 50, { min: 0 }),
    adaptive: resolveAdaptive(options.adaptive ?? true, maxSize),
    key: options.key === undefined ? undefined : checkFunction('key', options.key),
    dedupe: checkBoolean('dedupe', options.dedupe ?? true),
    concurrency: checkInteger('concurrency', options.concurrency ?? 16, { infinite: true }),
    maxQueue: checkInteger('maxQueue', options.maxQueue ?? 10_000, { infinite: true }),
    timeout: toMilliseconds('timeout', options.timeout ?? 30_000, { infinite: true }),
    clock: options.clock ?? systemClock,
  };
}

function resolveAdaptive(
  adaptive: boolean | AdaptiveBatchOptions,
  maxSize: number,
): ResolvedBatcherOptions<unknown, unknown, unknown>['adaptive'] {
  if (typeof adaptive !== 'object') {
    return checkBoolean('adaptive', adaptive) ? { minSize: 1, targetTime: Infinity } : undefined;
  }
  if (adaptive === null) throw new ConfigError('adaptive', adaptive, 'a boolean or an object');
  checkKnown('adaptive', adaptive, ['minSize', 'targetTime']);
  return {
    minSize: checkInteger('adaptive.minSize', adaptive.minSize ?? 1, { max: maxSize }),
    targetTime: toMilliseconds('adaptive.targetTime', adaptive.targetTime ?? Infinity, {
      infinite: true,
    }),
  };
}
