import { createDeferred, type Deferred, type Policy } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import {
  createCache,
  LoadTimeoutError,
  type CacheStore,
  type LoadContext,
  type Outcome,
  type TieredCache,
} from '../../src/index.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
  type Hold,
  type ReferenceBackend,
} from '../../src/testing.ts';
import { KEYS, OWN_KEY, SHARED_KEYS, TAG, type Key, type Step, type Via } from './fleet-steps.ts';

/** What a world is made of. */
export interface WorldOptions {
  readonly instances: number;
  /** What stands behind memory. @default 'fenced' */
  readonly store?: 'fenced' | 'unfenced' | 'none';
  /** `isolated.serve`, in milliseconds. */
  readonly serve?: number;
  /** Alters the store that the instances share; for proving that the checker sees faults. */
  readonly alter?: (store: CacheStore, backend: ReferenceBackend) => CacheStore;
  /** Runs the store calls in place of the cool-off. */
  readonly policy?: Policy;
}

interface Instance {
  readonly cache: TieredCache<number>;
  readonly store: ControllableStore;
  holds: Hold[];
  /** Whether its way to the store was ever troubled: memory may then serve in isolation. */
  troubled: boolean;
  dead: boolean;
}

/** A promise that was given: what the database said, for whom, and from when on it counts. */
interface Given {
  readonly by: Instance;
  readonly versions: ReadonlyMap<Key, number>;
  /** When it reached the stores; `undefined` while it is queued. */
  appliedAt: number | undefined;
}

const POLL = 100;
const ROUNDS = 200;

/**
 * Several caches on one store, a database of version numbers, and the checker: what a read returns
 * must not be older than what was promised when it began. A read that fails this throws at
 * {@link FleetWorld.finish}.
 */
class FleetWorld {
  readonly clock = new ManualClock();
  readonly backend = createReferenceBackend({ clock: this.clock });
  readonly violations: string[] = [];
  readonly #options: WorldOptions;
  readonly #instances: readonly Instance[];
  readonly #database = new Map<Key, number>(KEYS.map((key) => [key, 1]));
  readonly #given: Given[] = [];
  /** What write-throughs have committed while nobody had displaced them. */
  readonly #committed = new Map<Key, number>();
  readonly #running = new Map<Promise<void>, Instance>();
  #waiting: Deferred<void>[] = [];
  #ending = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#instances = Array.from({ length: options.instances }, () => this.#join());
  }

  /** Runs the steps, ends all trouble, and checks that nothing stale is left and nobody waits. */
  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#take(step);
      this.#noteReplays();
    }
    await this.#finish();
  }

  #join(): Instance {
    const { alter, serve = 0, policy, store: kind = 'fenced' } = this.#options;
    const plain = referenceStore({ backend: this.backend, conditional: kind === 'fenced' });
    const store = controllableStore(alter === undefined ? plain : alter(plain, this.backend));
    const cache = createCache<number>({
      ttl: '1d',
      memory: { maxEntries: 16, sweepInterval: false },
      stores: kind === 'none' ? [] : [store],
      isolated: { serve },
      pollInterval: POLL,
      clock: this.clock,
      ...(policy === undefined ? {} : { storePolicy: policy }),
    });
    return { cache, store, holds: [], troubled: false, dead: false };
  }

  #at(index: number): Instance {
    return this.#instances[index % this.#instances.length] as Instance;
  }

  async #take(step: Step): Promise<void> {
    if ('at' in step && this.#at(step.at).dead) return undefined;
    switch (step.do) {
      case 'get':
        return this.#read(this.#at(step.at), step.key, ({ cache }) => cache.get(step.key));
      case 'load':
        return this.#load(this.#at(step.at), step.key, step.slow, step.lateTag);
      case 'change':
        return this.#change(this.#at(step.at), step.key, step.via);
      case 'set':
        return this.#at(0).dead ? undefined : this.#set();
      case 'writeThrough': {
        const writer = this.#at(step.key === OWN_KEY ? 0 : step.at);
        return writer.dead ? undefined : this.#writeThrough(writer, step.key, step.slow);
      }
      case 'proceed':
        return (step.newest ? this.#waiting.pop() : this.#waiting.shift())?.resolve();
      case 'hold': {
        const instance = this.#at(step.at);
        instance.troubled = true;
        const { operation, when, onAbort } = step;
        instance.holds.push(instance.store.hold({ operation, when, onAbort, times: 2 }));
        return undefined;
      }
      case 'release':
        return this.#at(step.at).holds.shift()?.release();
      case 'fail':
        this.#at(step.at).troubled = true;
        return this.#at(step.at).store.fail(step.operation, new Error('trouble'), step.options);
      case 'unknown':
        this.#at(step.at).troubled = true;
        return this.#at(step.at).store.unknown(step.operation, { applied: step.applied });
      case 'freeze':
        this.#at(step.at).troubled = true;
        this.#at(step.at).store.freeze();
        return undefined;
      case 'thaw':
        return this.#at(step.at).store.thaw();
      case 'crash':
        return this.#crash(this.#at(step.at));
      case 'lose':
        return this.#lose(step.what);
      case 'advance':
        return this.clock.advanceAsync(step.by);
      case 'turn':
        return settle();
      case 'ticks':
        return this.#ticks(step.count);
    }
  }

  #crash(instance: Instance): void {
    if (this.#alive.length === 1) return;
    instance.dead = true;
    instance.holds.push(instance.store.hold());
  }

  async #ticks(count: number): Promise<void> {
    for (let left = count; left > 0; left--) await Promise.resolve();
  }

  #lose(what: 'ledger' | 'drops' | 'value' | 'ticket'): void {
    if (what === 'ledger') this.backend.loseLedger();
    else if (what === 'drops') this.backend.forgetDrops();
    else {
      for (const key of KEYS) {
        if (what === 'value') this.backend.evict(key);
        else this.backend.removeTicket(key);
      }
    }
  }

  #version(key: Key): number {
    return this.#database.get(key) ?? 0;
  }

  #commit(key: Key): number {
    const next = this.#version(key) + 1;
    this.#database.set(key, next);
    return next;
  }

  /** What a read of `key` that begins now must at least return. */
  #floor(reader: Instance, key: Key): number {
    const { serve = 0 } = this.#options;
    const window = reader.troubled ? Math.max(POLL, serve) : POLL;
    let floor = 0;
    for (const { by, versions, appliedAt } of this.#given) {
      const counts =
        by === reader || (appliedAt !== undefined && this.clock.now() > appliedAt + window);
      if (counts) floor = Math.max(floor, versions.get(key) ?? 0);
    }
    return floor;
  }

  #read(
    instance: Instance,
    key: Key,
    read: (instance: Instance) => Promise<number | undefined>,
  ): void {
    const floor = this.#floor(instance, key);
    const began = this.clock.now();
    this.#track(
      instance,
      read(instance).then(
        (value) => {
          if (value === undefined || value >= floor) return;
          const name = this.#instances.indexOf(instance);
          this.violations.push(
            `instance ${name}, read of "${key}" begun at ${began}: version ${value}, promised ${floor}`,
          );
        },
        (error: unknown) => {
          if (!(error instanceof LoadTimeoutError)) throw error;
        },
      ),
    );
  }

  #load(instance: Instance, key: Key, slow: boolean, lateTag: boolean): void {
    const loader = async (context: LoadContext<number>): Promise<number> => {
      const version = this.#version(key);
      if (slow) await this.#wait();
      if (lateTag) context.tag(TAG);
      return version;
    };
    const options = lateTag ? {} : { tags: [TAG] };
    this.#read(instance, key, ({ cache }) => cache.getOrSet(key, loader, options));
  }

  #change(instance: Instance, key: Key, via: Via): void {
    const { cache } = instance;
    // A predicate finds what is stored, not what others alone have in memory or are about to store.
    if (via === 'where')
      this.#track(instance, cache.invalidateWhere((one) => one === key).then(ignore));
    const changed: readonly Key[] = via === 'delete' || via === 'where' ? [key] : SHARED_KEYS;
    const versions = new Map(changed.map((one) => [one, this.#commit(one)]));
    this.#invalidated(
      instance,
      versions,
      via === 'tags'
        ? cache.invalidateTags([TAG])
        : via === 'pattern'
          ? cache.invalidatePattern('?')
          : via === 'clear'
            ? cache.clear()
            : cache.delete(key),
    );
  }

  #set(): void {
    const owner = this.#at(0);
    const version = this.#commit(OWN_KEY);
    this.#invalidated(
      owner,
      new Map([[OWN_KEY, version]]),
      owner.cache.set(OWN_KEY, version, { tags: [TAG] }),
    );
  }

  #writeThrough(instance: Instance, key: Key, slow: boolean): void {
    const before = this.backend.ticketOf(key);
    const write = async (): Promise<number> => {
      if (slow) await this.#wait();
      if (instance.dead) throw new Error('dead');
      const version = this.#commit(key);
      // Begun and not displaced, it counts although the process may die before it can say so.
      const ticket = this.backend.ticketOf(key);
      const isOwn = instance.store.callsOf('begin').some(({ args }) => args[1] === ticket);
      const isUndisturbed = isOwn || (ticket !== undefined && ticket === before);
      if (isUndisturbed && this.#pending(instance) === 0) this.#committed.set(key, version);
      if (slow) await this.#wait();
      return version;
    };
    this.#track(
      instance,
      instance.cache.writeThrough(key, write, { tags: [TAG] }).then((version) => {
        if (instance.dead) return;
        this.#given.push({
          by: instance,
          versions: new Map([[key, version]]),
          appliedAt: this.#pending(instance) === 0 ? this.clock.now() : undefined,
        });
      }),
    );
  }

  #invalidated(by: Instance, versions: Given['versions'], work: Promise<Outcome>): void {
    this.#track(
      by,
      work.then(({ stores }) => {
        const appliedAt = stores === 'applied' ? this.clock.now() : undefined;
        if (!by.dead) this.#given.push({ by, versions, appliedAt });
      }),
    );
  }

  #pending({ cache }: Instance): number {
    return cache.stats().tiers.reduce((sum, { pending }) => sum + pending, 0);
  }

  /** What was queued counts for everybody once nothing is pending any more. */
  #noteReplays(): void {
    for (const given of this.#given) {
      if (given.appliedAt === undefined && this.#pending(given.by) === 0) {
        given.appliedAt = this.clock.now();
      }
    }
  }

  #wait(): Promise<void> {
    if (this.#ending) return Promise.resolve();
    const turn = createDeferred();
    this.#waiting.push(turn);
    return turn.promise;
  }

  #track(instance: Instance, work: Promise<void>): void {
    const reported = work
      .catch((error: unknown) => {
        if (!instance.dead) this.violations.push(`rejected: ${String(error)}`);
      })
      .finally(() => this.#running.delete(reported));
    this.#running.set(reported, instance);
  }

  get #alive(): readonly Instance[] {
    return this.#instances.filter(({ dead }) => !dead);
  }

  async #finish(): Promise<void> {
    this.#ending = true;
    for (const { resolve } of this.#waiting) resolve();
    for (const { store, holds } of this.#alive) {
      store.heal();
      store.thaw();
      for (const hold of holds) hold.release();
    }
    await this.#calmDown();
    await this.clock.advanceAsync(POLL + 1 + (this.#options.serve ?? 0));
    await this.#checkAll(({ cache }) => cache.getMany(KEYS));
    await this.#checkAll(({ cache }) => cache.getOrSetMany(KEYS, () => this.#database));
    // Only to be rid of the dead: what they were about to do was never to happen.
    for (const { store, holds } of this.#instances) {
      store.thaw();
      for (const hold of holds) hold.release();
    }
    const closing = Promise.all(this.#instances.map(({ cache }) => cache.close()));
    await this.#within(closing, 'close');
    // The calls that a dead process has left behind end at their deadlines.
    if (this.#alive.length < this.#instances.length) await this.clock.advanceAsync(60_000);
    if (this.clock.pendingTimers > 0) this.violations.push('timers are left after close');
  }

  async #calmDown(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      await settle();
      const pending = this.#alive.some((instance) => this.#pending(instance) > 0);
      const running = [...this.#running.values()].some(({ dead }) => !dead);
      if (!running && !pending) return;
      await this.clock.advanceAsync(round < 10 ? 100 : 1000);
    }
    this.violations.push(`${this.#running.size} calls never settled, or replays never ended`);
  }

  /** With all trouble over and the window past, nobody may see anything but what was promised last. */
  async #checkAll(read: (instance: Instance) => Promise<Map<string, number>>): Promise<void> {
    for (const [name, instance] of this.#alive.entries()) {
      const values = await this.#within(read(instance), 'a read at the end');
      for (const [key, value] of values ?? []) {
        const version = Math.max(
          this.#floor(instance, key as Key),
          this.#committed.get(key as Key) ?? 0,
        );
        if (value < version) {
          this.violations.push(
            `instance ${name}, at the end "${key}" is ${value}, promised ${version}`,
          );
        }
      }
    }
  }

  /** What the work ends with, time being advanced as long as it takes. */
  async #within<T>(work: Promise<T>, what: string): Promise<T | undefined> {
    const state = { ended: false };
    void work.finally(() => {
      state.ended = true;
    });
    for (let round = 0; round < ROUNDS; round++) {
      await settle();
      if (state.ended) return work;
      await this.clock.advanceAsync(100);
    }
    this.violations.push(`${what} never settles`);
    return undefined;
  }
}

function ignore(): void {}

/** Runs a schedule in a new world; rejects if the promise was broken. */
export async function runSchedule(steps: readonly Step[], options: WorldOptions): Promise<void> {
  const world = new FleetWorld(options);
  await world.run(steps);
  if (world.violations.length > 0) throw new Error(world.violations.join('\n'));
}
