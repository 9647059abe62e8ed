import { Pool } from 'undici';
import { systemClock } from '@perf/core';
import type { Fault, Outcome } from './messages.ts';

/** How many faults are kept in full. */
const SHOWN_FAULTS = 5;

/** What the service said to one request. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly tier: string;
}

/** Sends requests over kept-alive connections, a bounded number at once, and keeps count. */
export class LoadClient {
  readonly #pool: Pool;
  readonly #concurrency: number;
  #tiers: Record<string, number> = {};
  #faults: Fault[] = [];
  #faultCount = 0;

  constructor(origin: string, concurrency: number) {
    this.#concurrency = concurrency;
    this.#pool = new Pool(origin, { connections: concurrency, pipelining: 1 });
  }

  async get(path: string, fresh: boolean): Promise<Answer> {
    return this.#send(path, { method: 'GET', ...(fresh && { headers: NO_CACHE }) });
  }

  async put(path: string, body: string): Promise<Answer> {
    return this.#send(path, { method: 'PUT', headers: JSON_BODY, body });
  }

  /**
   * Runs a job for each number from 0 up to `count`, as many at once as there are connections, and
   * measures each.
   */
  async run(
    count: number,
    job: (index: number) => Promise<void>,
    onProgress: (done: number) => void,
  ): Promise<Outcome> {
    this.#tiers = {};
    this.#faults = [];
    this.#faultCount = 0;
    const latencies = new Float64Array(count);
    const begin = systemClock.now();
    let next = 0;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        const start = systemClock.now();
        await job(index);
        latencies[index] = systemClock.now() - start;
        onProgress(++done);
      }
    };
    await Promise.all(Array.from({ length: this.#concurrency }, lane));
    return {
      kind: 'done',
      latencies,
      elapsed: systemClock.now() - begin,
      tiers: this.#tiers,
      faultCount: this.#faultCount,
      faults: this.#faults,
    };
  }

  /** Notes a wrong answer. */
  fault(path: string, expected: string, received: string): void {
    this.#faultCount++;
    if (this.#faults.length < SHOWN_FAULTS) this.#faults.push({ path, expected, received });
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #send(
    path: string,
    options: { method: 'GET' | 'PUT'; headers?: Record<string, string>; body?: string },
  ): Promise<Answer> {
    const response = await this.#pool.request({ path, ...options });
    const tier = String(response.headers['x-cache'] ?? 'none');
    this.#tiers[tier] = (this.#tiers[tier] ?? 0) + 1;
    return { status: response.statusCode, body: await response.body.text(), tier };
  }
}

const NO_CACHE = { 'cache-control': 'no-cache' };
const JSON_BODY = { 'content-type': 'application/json' };
