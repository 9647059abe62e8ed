import { createDeferred, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { LoadTimeoutError, type LoadContext, type Outcome } from '../../src/index.ts';
import {
  joinWorld,
  pendingOf,
  WorldShared,
  type WorldInstance,
  type WorldOptions,
} from './fleet-instance.ts';
import {
  KEYS,
  OTHER_TAG,
  OWN_KEY,
  SHARED_KEYS,
  TAG,
  type Key,
  type Step,
  type Via,
} from './fleet-steps.ts';
import { FleetWatch } from './fleet-watch.ts';
import { FleetTroubles } from './fleet-troubles.ts';
import { FleetTruth } from './fleet-truth.ts';

/**
 * Several caches on one store, a database of version numbers, and the checker: what a read returns
 * must not be older than what was promised when it began. A read that fails this throws at
 * {@link FleetWorld.finish}.
 */
class FleetWorld {
  readonly clock = new ManualClock();
  readonly #watch = new FleetWatch(this.clock);
  readonly #options: WorldOptions;
  readonly #shared: WorldShared;
  readonly #instances: WorldInstance[];
  /** Those whose places others have taken. */
  readonly #gone: WorldInstance[] = [];
  readonly #truth: FleetTruth;
  readonly #troubles: FleetTroubles;
  #waiting: Deferred<void>[] = [];
  /** How many sets are under way. */
  #sets = 0;
  #ending = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#shared = new WorldShared(this.clock, options);
    this.#truth = new FleetTruth(this.clock, options);
    this.#instances = Array.from({ length: options.instances }, () =>
      joinWorld(options, this.#shared),
    );
    this.#troubles = new FleetTroubles(this.#shared, this.#truth, this.#instances);
  }

  get violations(): string[] {
    return this.#watch.violations;
  }

  /** Runs the steps, ends all trouble, and checks that nothing stale is left and nobody waits. */
  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#troubles.noteDelays();
      await this.#take(step);
      this.#truth.noteReplays();
    }
    await this.#finish();
  }

  #at(index: number): WorldInstance {
    return this.#instances[index % this.#instances.length] as WorldInstance;
  }

  async #take(step: Step): Promise<void> {
    if (step.do === 'revive') return this.#revive(step.at);
    const instance = this.#at('at' in step ? step.at : 0);
    if ('at' in step && instance.dead) return undefined;
    switch (step.do) {
      case 'get':
        return this.#read(instance, step.key, ({ cache }) => cache.get(step.key));
      case 'load':
        return this.#load(instance, step.key, step.slow, step.lateTag);
      case 'change':
        return this.#change(instance, step.key, step.via);
      case 'set':
        return instance.dead ? undefined : this.#set();
      case 'bump another tag':
        return this.#watch.track(instance, instance.cache.invalidateTags([OTHER_TAG]).then(ignore));
      case 'writeThrough': {
        const writer = this.#at(step.key === OWN_KEY ? 0 : step.at);
        return writer.dead ? undefined : this.#writeThrough(writer, step.key, step.slow);
      }
      case 'proceed':
        return (step.newest ? this.#waiting.pop() : this.#waiting.shift())?.resolve();
      case 'crash':
        return this.#crash(instance);
      case 'advance':
        return this.clock.advanceAsync(step.by);
      case 'turn':
        return settle();
      case 'ticks':
        return this.#ticks(step.count);
      default:
        await this.#troubles.take(step, instance);
        return undefined;
    }
  }

  #crash(instance: WorldInstance): void {
    if (this.#alive.length === 1) return;
    instance.dead = true;
    instance.holds.push(instance.store.hold());
    if (instance.narrow !== undefined) instance.holds.push(instance.narrow.hold());
    instance.bus?.cut();
  }

  #revive(at: number): void {
    const gone = this.#at(at);
    if (!gone.dead) return;
    this.#gone.push(gone);
    const place = this.#instances.indexOf(gone);
    this.#instances[place] = joinWorld(this.#options, this.#shared, gone.disk);
  }

  async #ticks(count: number): Promise<void> {
    for (let left = count; left > 0; left--) await Promise.resolve();
  }

  #read(
    instance: WorldInstance,
    key: Key,
    read: (instance: WorldInstance) => Promise<number | undefined>,
  ): void {
    const floor = this.#truth.floor(instance, key);
    const began = this.clock.now();
    this.#watch.track(
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

  #load(instance: WorldInstance, key: Key, slow: boolean, lateTag: boolean): void {
    const loader = async (context: LoadContext<number>): Promise<number> => {
      const version = this.#truth.version(key);
      if (slow) await this.#wait();
      if (lateTag) context.tag(TAG);
      return version;
    };
    const options = lateTag ? {} : { tags: [TAG] };
    this.#read(instance, key, ({ cache }) => cache.getOrSet(key, loader, options));
  }

  #change(instance: WorldInstance, key: Key, via: Via): void {
    const { cache } = instance;
    // A predicate finds what is stored, not what others alone have in memory or are about to store.
    if (via === 'where')
      this.#watch.track(instance, cache.invalidateWhere((one) => one === key).then(ignore));
    const changed: readonly Key[] = via === 'delete' || via === 'where' ? [key] : SHARED_KEYS;
    const versions = new Map(changed.map((one) => [one, this.#truth.commit(one)]));
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
    const version = this.#truth.commit(OWN_KEY);
    const setting = owner.cache.set(OWN_KEY, version, { tags: [TAG] });
    this.#sets++;
    void setting.finally(() => this.#sets--);
    this.#invalidated(owner, new Map([[OWN_KEY, version]]), setting);
  }

  #writeThrough(instance: WorldInstance, key: Key, slow: boolean): void {
    const before = this.#shared.backend.ticketOf(key);
    const write = async (): Promise<number> => {
      if (slow) await this.#wait();
      if (instance.dead) throw new Error('dead');
      const version = this.#truth.commit(key);
      // Begun and not displaced, it counts although the process may die before it can say so.
      const ticket = this.#shared.backend.ticketOf(key);
      const isOwn = instance.store.callsOf('begin').some(({ args }) => args[1] === ticket);
      const isUndisturbed = isOwn || (ticket !== undefined && ticket === before);
      // A set under way may arrive after the commit of what it was called before.
      const isAlone = key !== OWN_KEY || this.#sets === 0;
      if (isUndisturbed && isAlone && pendingOf(instance) === 0) {
        this.#truth.commitUndisturbed(key, version);
      }
      if (slow) await this.#wait();
      return version;
    };
    this.#watch.track(
      instance,
      instance.cache.writeThrough(key, write, { tags: [TAG] }).then((version) => {
        if (instance.dead) return;
        this.#truth.promise(instance, new Map([[key, version]]), pendingOf(instance) === 0);
      }),
    );
  }

  #invalidated(
    by: WorldInstance,
    versions: ReadonlyMap<Key, number>,
    work: Promise<Outcome>,
  ): void {
    this.#watch.track(
      by,
      work.then(({ stores, bus }) => {
        const isTold = stores === 'applied' && bus !== 'queued';
        if (!by.dead) this.#truth.promise(by, versions, isTold);
      }),
    );
  }

  #wait(): Promise<void> {
    if (this.#ending) return Promise.resolve();
    const turn = createDeferred();
    this.#waiting.push(turn);
    return turn.promise;
  }

  get #alive(): readonly WorldInstance[] {
    return this.#instances.filter(({ dead }) => !dead);
  }

  async #finish(): Promise<void> {
    this.#ending = true;
    for (const { resolve } of this.#waiting) resolve();
    this.#troubles.noteDelays();
    for (const instance of this.#alive) {
      const { store, holds, bus } = instance;
      instance.offline = false;
      store.heal();
      store.thaw();
      for (const hold of holds) hold.release();
      bus?.lose(0);
      bus?.release();
      bus?.restore();
    }
    await this.#watch.calmDown(this.#alive);
    this.#truth.noteReplays();
    const windows = this.#alive.map((instance) => this.#truth.windowOf(instance));
    await this.clock.advanceAsync(Math.max(...windows) + 1);
    await this.#checkAll(({ cache }) => cache.getMany(KEYS));
    await this.#checkAll(({ cache }) => cache.getOrSetMany(KEYS, () => this.#truth.database));
    // Only to be rid of the dead: what they were about to do was never to happen.
    const all = [...this.#instances, ...this.#gone];
    for (const { store, holds } of all) {
      store.thaw();
      for (const hold of holds) hold.release();
    }
    const closing = Promise.all(all.map(({ cache }) => cache.close()));
    await this.#watch.within(closing, 'close');
    // The calls that a dead process has left behind end at their deadlines.
    if (this.#alive.length < all.length) await this.clock.advanceAsync(60_000);
    if (this.clock.pendingTimers > 0) this.violations.push('timers are left after close');
  }

  /** With all trouble over and the window past, nobody may see anything but what was promised last. */
  async #checkAll(read: (instance: WorldInstance) => Promise<Map<string, number>>): Promise<void> {
    for (const [name, instance] of this.#alive.entries()) {
      const values = await this.#watch.within(read(instance), 'a read at the end');
      for (const [key, value] of values ?? []) {
        const version = this.#truth.lastFloor(instance, key as Key);
        if (value < version) {
          this.violations.push(
            `instance ${name}, at the end "${key}" is ${value}, promised ${version}`,
          );
        }
      }
    }
  }
}

function ignore(): void {}

/** Runs a schedule in a new world; rejects if the promise was broken. */
export async function runSchedule(steps: readonly Step[], options: WorldOptions): Promise<void> {
  const world = new FleetWorld(options);
  await world.run(steps);
  if (world.violations.length > 0) throw new Error(world.violations.join('\n'));
}
