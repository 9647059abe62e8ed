import type { KeyNames } from '../keys.ts';
import type { Load, WriteKind } from '../messages.ts';
import { now, type Notes } from './notes.ts';
import type { Hold, Operations } from './operations.ts';

/** How much of what is read goes to how few keys: the higher, the fewer. */
const SKEW = 3;
const MANY = 6;

export interface WorkloadParts {
  readonly operations: Operations;
  readonly notes: Notes;
  readonly keys: KeyNames;
  readonly load: Load;
  /** The place in the fleet: some keys are set by one place alone. */
  readonly slot: number;
  readonly random: () => number;
}

/** Random operations of several workers at once. */
export class Workload {
  readonly #parts: WorkloadParts;
  readonly #own: readonly number[];
  /** The writes of keys that this process alone writes: one after the other. */
  readonly #lines = new Map<number, Promise<unknown>>();
  #stopped = false;
  #workers: Promise<unknown> = Promise.resolve();

  constructor(parts: WorkloadParts) {
    this.#parts = parts;
    const { keys, slot } = parts;
    this.#own = Array.from({ length: keys.count }, (_, key) => key).filter(
      (key) => keys.setterOf(key) === slot,
    );
  }

  start(): void {
    const { workers, pause } = this.#parts.load;
    this.#workers = Promise.all(
      Array.from({ length: workers }, async () => {
        while (!this.#stopped) {
          await this.#bounded(() => this.#step());
          await wait(this.#parts.random() * pause);
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#workers;
  }

  #step(): Promise<void> {
    const { random, load, keys, operations } = this.#parts;
    if (random() < load.writes) return this.#write(this.#chooseWrite());
    const key = this.#chooseKey();
    const dice = random();
    if (dice < 0.7) return operations.load(key, () => this.#loading());
    if (dice < 0.8) return operations.get([key]);
    if (dice < 0.9) {
      return operations.get([...new Set(Array.from({ length: MANY }, () => this.#chooseKey()))]);
    }
    const tag = keys.tagOf(key);
    const siblings = Array.from({ length: MANY }, (_, n) => (key + 40 * n) % keys.count);
    const tagged = [...new Set(siblings)].filter((other) => keys.tagOf(other) === tag);
    return operations.loadMany(tagged, () => this.#loading());
  }

  /** Most loads are quick, and a few take a hundred times as long. */
  #loading(): Promise<void> {
    const { random, load } = this.#parts;
    const dice = random();
    if (dice < 0.95) return wait(random() * load.loader);
    if (dice < 0.995) return wait(random() * 30 * load.loader);
    return wait(random() * 300 * load.loader);
  }

  #write(kind: WriteKind): Promise<void> {
    const { operations, keys, random } = this.#parts;
    if (kind === 'set') return this.#writeOwn();
    if (kind === 'where') return operations.invalidateWhere(random());
    if (kind === 'clear') return operations.clear();
    const shared = this.#chooseShared();
    if (kind === 'delete') {
      const some = random() < 0.8 ? [shared] : [...new Set([shared, this.#chooseShared()])];
      return operations.delete(some);
    }
    if (kind === 'writeThrough') {
      const working: Hold = () => wait(random() * 5);
      return operations.writeThrough(shared, working, working);
    }
    const tag = keys.tagOf(shared);
    if (kind === 'pattern') return operations.invalidatePattern(tag);
    return operations.invalidateTag(tag, kind === 'softTags');
  }

  /** A key that only this process writes, in the order of its commits. */
  async #writeOwn(): Promise<void> {
    const { operations, random } = this.#parts;
    const key = this.#own[Math.floor(random() * this.#own.length)];
    if (key === undefined) return;
    const turn = (this.#lines.get(key) ?? Promise.resolve()).then(async () => {
      const dice = random();
      if (dice < 0.5) await operations.delete([key]);
      if (dice < 0.1) return;
      // Time enough for others to begin to load what was deleted.
      if (dice < 0.5) await wait(random() * 50);
      await operations.set(key);
    });
    this.#lines.set(key, turn);
    await turn;
  }

  async #bounded(operation: () => Promise<void>): Promise<void> {
    const { notes } = this.#parts;
    const began = now();
    try {
      await operation();
    } catch (error) {
      notes.failures.push(`a caller was told: ${String(error)}`);
    }
    notes.operations++;
    notes.longest = Math.max(notes.longest, now() - began);
  }

  #chooseKey(): number {
    const { keys, random } = this.#parts;
    return Math.floor(keys.count * random() ** SKEW);
  }

  #chooseShared(): number {
    const { keys } = this.#parts;
    for (;;) {
      const key = this.#chooseKey();
      if (keys.setterOf(key) === undefined) return key;
    }
  }

  #chooseWrite(): WriteKind {
    const { load, random } = this.#parts;
    const mix = Object.entries(load.mix) as [WriteKind, number][];
    let left = random() * mix.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of mix) {
      left -= weight;
      if (left <= 0) return kind;
    }
    return 'delete';
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
