import type { ToMember } from '../messages.ts';

/** What is cached: which version of which key it is. */
export interface Versioned {
  readonly key: number;
  readonly version: number;
}

/** The truth that all processes see in one order; the parent keeps it. */
export class Truth {
  readonly #waiting = new Map<number, (versions: readonly number[]) => void>();
  #lastId = 0;

  async read(key: number): Promise<number> {
    const [version = 0] = await this.#ask({ kind: 'read', key });
    return version;
  }

  /** Commits a new version of each key, all at once; what they are. */
  bump(keys: readonly number[]): Promise<readonly number[]> {
    return this.#ask({ kind: 'bump', keys });
  }

  answered({ id, versions }: Extract<ToMember, { kind: 'answer' }>): void {
    this.#waiting.get(id)?.(versions);
    this.#waiting.delete(id);
  }

  #ask(question: object): Promise<readonly number[]> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, resolve);
      process.send?.({ ...question, id });
    });
  }
}
