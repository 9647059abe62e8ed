import { checkString, ConfigError, type Duration } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import type { PoolStats } from '../statistics/pool-stats.ts';

/** What a registry needs of a pool. */
export interface RegisteredPool<Lease> {
  acquire(options?: AcquireOptions): Promise<Lease>;
  stats(): PoolStats;
  drain(options?: { readonly timeout?: Duration | undefined }): Promise<void>;
}

/** What each pool of a registry hands out. */
type LeaseOf<Pool> = Pool extends RegisteredPool<infer Lease> ? Lease : never;

/** Pools by name, with one call for all where that makes sense. */
export interface PoolRegistry<Pools> extends AsyncDisposable {
  /** The names, in the order in which they were given. */
  readonly names: readonly (keyof Pools & string)[];
  /** @throws {@link ConfigError} when there is no such pool */
  get<Name extends keyof Pools & string>(name: Name): Pools[Name];
  /** As `acquire` of that pool; the lease is given back by itself. Rejects with a {@link ConfigError} when there is no such pool. */
  acquire<Name extends keyof Pools & string>(
    name: Name,
    options?: AcquireOptions,
  ): Promise<LeaseOf<Pools[Name]>>;
  /** Of all, by name. */
  stats(): Readonly<Record<keyof Pools & string, PoolStats>>;
  /** Drains all at the same time. Rejects with an `AggregateError` when some fail, after all have ended. */
  drain(options?: { readonly timeout?: Duration | undefined }): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/**
 * @param pools by name, such as that of the service behind
 * @throws {@link ConfigError} when a name is empty
 * @example
 * const pools = createPoolRegistry({ parsers, orders });
 * const lease = await pools.acquire('parsers', { timeout: 200 });
 */
export function createPoolRegistry<const Pools extends Record<string, RegisteredPool<unknown>>>(
  pools: Pools,
): PoolRegistry<Pools> {
  const byName = new Map<string, RegisteredPool<unknown>>(Object.entries(pools));
  for (const name of byName.keys()) checkString('pools', name);
  return new NamedPools<Pools>(byName);
}

class NamedPools<Pools> implements PoolRegistry<Pools> {
  readonly names: readonly (keyof Pools & string)[];
  readonly #pools: ReadonlyMap<string, RegisteredPool<unknown>>;

  constructor(pools: ReadonlyMap<string, RegisteredPool<unknown>>) {
    this.#pools = pools;
    this.names = [...pools.keys()] as (keyof Pools & string)[];
  }

  get<Name extends keyof Pools & string>(name: Name): Pools[Name] {
    return this.#find(name) as Pools[Name];
  }

  async acquire<Name extends keyof Pools & string>(
    name: Name,
    options?: AcquireOptions,
  ): Promise<LeaseOf<Pools[Name]>> {
    return (await this.#find(name).acquire(options)) as LeaseOf<Pools[Name]>;
  }

  stats(): Readonly<Record<keyof Pools & string, PoolStats>> {
    const all = [...this.#pools].map(([name, pool]) => [name, pool.stats()] as const);
    return Object.fromEntries(all) as Record<keyof Pools & string, PoolStats>;
  }

  async drain(options?: { readonly timeout?: Duration | undefined }): Promise<void> {
    const drains = [...this.#pools.values()].map((pool) => pool.drain(options));
    const failures = (await Promise.allSettled(drains)).flatMap((end) =>
      end.status === 'rejected' ? [end.reason as unknown] : [],
    );
    if (failures.length > 0) throw new AggregateError(failures, 'some pools failed to drain');
  }

  close(): Promise<void> {
    return this.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  #find(name: string): RegisteredPool<unknown> {
    const pool = this.#pools.get(name);
    if (pool === undefined) {
      throw new ConfigError('pool', name, `one of ${this.names.join(', ')}`);
    }
    return pool;
  }
}
