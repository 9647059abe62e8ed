const NONE: readonly Promise<unknown>[] = [];

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
  run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const result = startAfter(this.#earlier(keys), task);
    for (const key of keys) this.#tails.set(key, result);
    const end = (): void => {
      for (const key of keys) if (this.#tails.get(key) === result) this.#tails.delete(key);
    };
    return result.then(
      (value) => {
        end();
        return value;
      },
      (error: unknown) => {
        end();
        throw error;
      },
    );
  }

  /** Starts `task` once every earlier task has settled; later ones wait for it, whatever their keys. */
  async runAlone<T>(task: () => Promise<T>): Promise<T> {
    const earlier = [...this.#tails.values()];
    if (this.#barrier !== undefined) earlier.push(this.#barrier);
    const result = startAfter(earlier, task);
    this.#barrier = result;
    try {
      return await result;
    } finally {
      if (this.#barrier === result) this.#barrier = undefined;
    }
  }

  #earlier(keys: readonly string[]): readonly Promise<unknown>[] {
    if (this.#barrier === undefined && this.#tails.size === 0) return NONE;
    const earlier: Promise<unknown>[] = this.#barrier === undefined ? [] : [this.#barrier];
    for (const key of keys) {
      const tail = this.#tails.get(key);
      if (tail !== undefined) earlier.push(tail);
    }
    return earlier;
  }
}

function startAfter<T>(earlier: readonly Promise<unknown>[], task: () => Promise<T>): Promise<T> {
  return earlier.length === 0 ? task() : Promise.allSettled(earlier).then(task);
}
