import { setTimeout as wait } from 'node:timers/promises';
import { createCache, type TieredCache } from '@perf/cache-core';
import { redisBus, redisStore } from '@perf/cache-redis';

/** Where Redis is. */
export interface Addresses {
  readonly store: string;
  readonly bus: string;
}

const KEYS = 20_000;
const TAGS = 200;
const LANES = 24;
/** How many times are kept for the percentile. */
const TIMES = 10_000;

/** A service with one cache in front of a slow source, under the load of its users. */
export class Service {
  readonly cache: TieredCache<object>;
  /** Reads of which a caller got an error: there should be none. */
  failures = 0;
  requests = 0;
  errors = 0;
  #times: number[] = [];
  #running = true;
  readonly #lanes: Promise<void>[];
  readonly #random: () => number;

  constructor({ store, bus }: Addresses, prefix: string, random: () => number) {
    this.#random = random;
    this.cache = createCache<object>({
      ttl: '10s',
      staleWhileRevalidate: '5s',
      memory: { maxEntries: 2000 },
      stores: [redisStore({ url: store, prefix })],
      bus: redisBus({ url: bus, prefix }),
      isolated: { serve: '5s' },
    });
    this.cache.on('error', () => {
      this.errors++;
    });
    this.#lanes = Array.from({ length: LANES }, () => this.#lane());
  }

  /** The 99th percentile of the reads since the last question, in milliseconds. */
  takeP99(): number {
    const sorted = this.#times.toSorted((a, b) => a - b);
    this.#times = [];
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#lanes);
    await this.cache.close();
  }

  async #lane(): Promise<void> {
    while (this.#running) {
      try {
        await this.#request();
      } catch {
        this.failures++;
      }
      this.requests++;
      await wait(1);
    }
  }

  async #request(): Promise<void> {
    const key = this.#key();
    const tag = `tag:${Math.floor(this.#random() * TAGS)}`;
    const dice = this.#random();
    if (dice < 0.02) await this.cache.set(key, record(key), { tags: [tag] });
    else if (dice < 0.04) await this.cache.delete(key);
    else if (dice < 0.045) await this.cache.invalidateTags([tag]);
    else if (dice < 0.046) await this.cache.invalidatePattern(`${key}?`);
    else if (dice < 0.05) await this.#readMany();
    else await this.#read(key, tag);
  }

  async #read(key: string, tag: string): Promise<void> {
    const started = performance.now();
    await this.cache.getOrSet(key, () => load(key), { tags: [tag] });
    if (this.#times.length < TIMES) this.#times.push(performance.now() - started);
  }

  async #readMany(): Promise<void> {
    const keys = Array.from({ length: 20 }, () => this.#key());
    await this.cache.getOrSetMany(keys, async (missing) => {
      await wait(3);
      return new Map(missing.map((key) => [key, record(key)]));
    });
  }

  /** Few keys are asked for often, most of them rarely. */
  #key(): string {
    return `user:${Math.floor(KEYS * this.#random() ** 4)}`;
  }
}

async function load(key: string): Promise<object> {
  await wait(2);
  return record(key);
}

function record(key: string): object {
  return { key, name: `the name of ${key}`, about: key.repeat(50) };
}
