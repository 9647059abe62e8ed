import type { TieredCache } from '@perf/cache-core';

/** What a loader fails with on purpose. */
class LoaderError extends Error {}

/** Many callers of one cache at once, in front of a source that counts. */
export class Callers {
  static readonly KEYS: readonly string[] = Array.from({ length: 40 }, (_, n) => `key ${n}`);
  readonly keys: readonly string[] = Callers.KEYS;
  /** What a caller was told that is neither a value nor its loader's error. */
  readonly surprises: string[] = [];
  loads = 0;
  /** How many loads there were at once, at most. */
  most = 0;
  readonly #cache: TieredCache<string>;
  #running = 0;

  constructor(cache: TieredCache<string>) {
    this.#cache = cache;
  }

  /** Three callers for every key, one that reads only, one for all keys together, and some whose loader fails. */
  async once(): Promise<void> {
    const cache = this.#cache;
    const calls = this.keys.flatMap((key) => [
      this.#expect(
        key,
        cache.getOrSet(key, () => this.#load(key)),
      ),
      this.#expect(
        key,
        cache.getOrSet(key, () => this.#load(key)),
      ),
      this.#expect(
        key,
        cache.getOrSet(key, () => this.#load(key)),
      ),
      this.#expectIfAny(key, cache.get(key)),
    ]);
    calls.push(
      cache
        .getOrSetMany(this.keys.slice(0, 10), async (missing) => {
          await this.#load('all at once');
          return new Map(missing.map((key) => [key, `value of ${key}`] as const));
        })
        .then((values) => {
          if (values.size !== 10) this.surprises.push(`${values.size} values of 10`);
        })
        .catch((error: unknown) => {
          this.surprises.push(String(error));
        }),
    );
    for (let n = 0; n < 5; n++) calls.push(this.#fail(`failing ${n}`));
    await Promise.all(calls);
  }

  /** Again and again, until it resolves. */
  async until(over: Promise<unknown>): Promise<void> {
    const end = over.then(
      () => true,
      () => true,
    );
    let isOver = false;
    while (!isOver) {
      await this.once();
      isOver = await Promise.race([end, pause().then(() => false)]);
    }
    await over;
  }

  async #load(key: string): Promise<string> {
    this.loads++;
    this.most = Math.max(this.most, ++this.#running);
    await pause();
    this.#running--;
    return `value of ${key}`;
  }

  #expectIfAny(key: string, call: Promise<string | undefined>): Promise<void> {
    return this.#expect(
      key,
      call.then((value) => value ?? `value of ${key}`),
    );
  }

  async #expect(key: string, call: Promise<string>): Promise<void> {
    try {
      const value = await call;
      if (value !== `value of ${key}`) this.surprises.push(`${key}: ${value}`);
    } catch (error) {
      this.surprises.push(`${key}: ${String(error)}`);
    }
  }

  async #fail(key: string): Promise<void> {
    try {
      await this.#cache.getOrSet(key, () => Promise.reject(new LoaderError(key)));
      this.surprises.push(`${key}: a value, though its loader fails`);
    } catch (error) {
      if (!(error instanceof LoaderError)) this.surprises.push(`${key}: ${String(error)}`);
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}
