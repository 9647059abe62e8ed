import { checkString, ConfigError, type Duration } from '@perf/core';

/** Options of a drain of all. */
export interface RegistryDrainOptions {
  /** How long each pool waits for what is out. @default that of the pool */
  readonly timeout?: Duration | undefined;
}

/** What a registry needs of a pool, of any kind. */
export interface RegisteredPool {
  stats(): object;
  drain(options?: RegistryDrainOptions): Promise<void>;
}

/** Those that hand something out. */
interface AcquirablePool extends RegisteredPool {
  acquire(...args: never): unknown;
}

/** Names of the pools that have `acquire`. */
export type AcquirableName<Pools> = {
  [Name in keyof Pools & string]: Pools[Name] extends AcquirablePool ? Name : never;
}[keyof Pools & string];

/** What `acquire` of a pool takes. */
export type AcquireArguments<Pool> = Pool extends { acquire(...args: infer Args): unknown }
  ? Args
  : never;

/** What a pool hands out. */
export type LeaseOf<Pool> = Pool extends { acquire(...args: never): infer Lease }
  ? Awaited<Lease>
  : never;

/** What all pools say, by name. */
export type RegistryStats<Pools> = {
  readonly [Name in keyof Pools]: Pools[Name] extends { stats(): infer Stats } ? Stats : never;
};

/** Pools by name, with one call for all where that makes sense. */
export interface PoolRegistry<Pools> extends AsyncDisposable {
  /** The names, in the order in which they were given. */
  readonly names: readonly (keyof Pools & string)[];
  /** @throws {@link ConfigError} when there is no such pool */
  get<Name extends keyof Pools & string>(name: Name): Pools[Name];
  /** As `acquire` of that pool, always a promise. Rejects with a {@link ConfigError} when there is no such pool, or it has no `acquire`. */
  acquire<Name extends AcquirableName<Pools>>(
    name: Name,
    ...args: AcquireArguments<Pools[Name]>
  ): Promise<LeaseOf<Pools[Name]>>;
  /** As `release()` of what {@link acquire} has handed out, for who knows it by its pool. @throws {@link ConfigError} when there is no such pool */
  release<Name extends AcquirableName<Pools>>(
    name: Name,
    lease: LeaseOf<Pools[Name]> & { release(): void },
  ): void;
  /** Of all, by name. */
  stats(): RegistryStats<Pools>;
  /** Drains all at the same time. Rejects with an `AggregateError` when some fail, after all have ended. */
  drain(options?: RegistryDrainOptions): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/**
 * @param pools of any kind, by name, such as that of the service behind
 * @throws {@link ConfigError} when a name is empty
 * @example
 * const pools = createPoolRegistry({ parsers, orders, buffers });
 * const lease = await pools.acquire('parsers', { timeout: 200 });
 */
export function createPoolRegistry<const Pools extends Record<string, RegisteredPool>>(
  pools: Pools,
): PoolRegistry<Pools> {
  const byName = new Map<string, RegisteredPool>(Object.entries(pools));
  for (const name of byName.keys()) checkString('pools', name);
  return new NamedPools<Pools>(byName);
}

class NamedPools<Pools> implements PoolRegistry<Pools> {
  readonly names: readonly (keyof Pools & string)[];
  readonly #pools: ReadonlyMap<string, RegisteredPool>;

  constructor(pools: ReadonlyMap<string, RegisteredPool>) {
    this.#pools = pools;
    this.names = [...pools.keys()] as (keyof Pools & string)[];
  }

  get<Name extends keyof Pools & string>(name: Name): Pools[Name] {
    return this.#find(name) as Pools[Name];
  }

  async acquire<Name extends AcquirableName<Pools>>(
    name: Name,
    ...args: AcquireArguments<Pools[Name]>
  ): Promise<LeaseOf<Pools[Name]>> {
    const pool = this.#find(name) as RegisteredPool & {
      acquire?(...given: unknown[]): LeaseOf<Pools[Name]>;
    };
    if (pool.acquire === undefined) {
      throw new ConfigError('pool', name, 'a pool that has acquire');
    }
    return pool.acquire(...args);
  }

  release(name: AcquirableName<Pools>, lease: { release(): void }): void {
    this.#find(name);
    lease.release();
  }

  stats(): RegistryStats<Pools> {
    const all = [...this.#pools].map(([name, pool]) => [name, pool.stats()] as const);
    return Object.fromEntries(all) as RegistryStats<Pools>;
  }

  async drain(options?: RegistryDrainOptions): Promise<void> {
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

  #find(name: string): RegisteredPool {
    const pool = this.#pools.get(name);
    if (pool === undefined) {
      throw new ConfigError('pool', name, `one of ${this.names.join(', ')}`);
    }
    return pool;
  }
}
