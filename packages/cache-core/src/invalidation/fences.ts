/** Held by whoever read or loads a key and may still store what it got. */
export interface Fence {
  readonly key: string;
  /** The tags known so far. */
  tags: readonly string[];
  /** Set for good once something changed the key: answer those who wait, store nothing. */
  outdated: boolean;
}

/** The operations under way, by key, so that a write can outdate them. */
export class Fences {
  readonly #open = new Map<string, Set<Fence>>();

  begin(key: string, tags: readonly string[] = []): Fence {
    const fence: Fence = { key, tags, outdated: false };
    const siblings = this.#open.get(key);
    if (siblings === undefined) this.#open.set(key, new Set([fence]));
    else siblings.add(fence);
    return fence;
  }

  end(fence: Fence): void {
    const siblings = this.#open.get(fence.key);
    if (siblings?.delete(fence) === true && siblings.size === 0) this.#open.delete(fence.key);
  }

  outdate(key: string): void {
    const siblings = this.#open.get(key);
    if (siblings === undefined) return;
    for (const fence of siblings) fence.outdated = true;
  }

  outdateWhere(concerned: (fence: Fence) => boolean): void {
    for (const siblings of this.#open.values()) {
      for (const fence of siblings) if (concerned(fence)) fence.outdated = true;
    }
  }

  keys(): IterableIterator<string> {
    return this.#open.keys();
  }
}
