/** Runs writes of one key one after another, in call order; writes of different keys side by side. */
export class KeyChain {
  readonly #tails = new Map<string, Promise<unknown>>();
  #barrier: Promise<unknown> | undefined;

  /** Whether a write that concerns the key is under way. */
  busy(key: string): boolean {
    return this.#barrier !== undefined || this.#tails.has(key);
  }

  /** Resolves when every task that was called before this has settled. Later ones are not held up. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#barrier, ...this.#tails.values()]);
  }

  /** Starts `task` once every earlier task of any of the keys has settled; at once if there is none. */
  async run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const earlier = [this.#barrier, ...keys.map((key) => this.#tails.get(key))];
    const result = startAfter(earlier, task);
    const tail = result.catch(ignore);
    for (const key of keys) this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }

  /** Starts `task` once every earlier task has settled; later ones wait for it, whatever their keys. */
  async runAlone<T>(task: () => Promise<T>): Promise<T> {
    const result = startAfter([this.#barrier, ...this.#tails.values()], task);
    const tail = result.catch(ignore);
    this.#barrier = tail;
    try {
      return await result;
    } finally {
      if (this.#barrier === tail) this.#barrier = undefined;
    }
  }
}

function startAfter<T>(
  earlier: readonly (Promise<unknown> | undefined)[],
  task: () => Promise<T>,
): Promise<T> {
  const awaited = earlier.filter((tail) => tail !== undefined);
  return awaited.length === 0 ? task() : Promise.allSettled(awaited).then(() => task());
}

/** The failure is the caller's to see; the next in the chain only waits for the end. */
function ignore(): void {}
