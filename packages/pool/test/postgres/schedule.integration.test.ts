import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '@perf/core';
import { startProxy, type FaultProxy } from '@perf/test-servers';
import {
  PoolCommitUnknownError,
  type PostgresPool,
  type PostgresSession,
  type PostgresTransaction,
} from '@perf/pool/postgres';
import { backendsOf, expectLaw, PATIENCE, startBench, type Bench } from './postgres-fixture.ts';

let bench: Bench;
let observer: PostgresPool;
beforeAll(async () => {
  bench = await startBench();
  observer = bench.pool({ max: 2 });
});
afterAll(() => bench[Symbol.asyncDispose]());

const CALLERS = 16;
const STEPS = 10;
const SEEDS = [1, 2, 3];

/** Random callers on one pool, and what must hold whatever happens to them. */
class Schedule {
  readonly violations: string[] = [];
  readonly committed = new Set<number>();
  readonly unknown = new Set<number>();
  readonly outcomes = new Map<string, number>();
  readonly #held = new Set<unknown>();
  readonly #pool: PostgresPool;
  readonly #proxy: FaultProxy;
  readonly #random: () => number;
  readonly #table: string;
  #next = 0;

  constructor(pool: PostgresPool, proxy: FaultProxy, random: () => number, table: string) {
    this.#pool = pool;
    this.#proxy = proxy;
    this.#random = random;
    this.#table = table;
  }

  async caller(): Promise<void> {
    const steps = [
      () => this.#query(),
      () => this.#query(),
      () => this.#failing(),
      () => this.#impatient(),
      () => this.#transaction(),
      () => this.#transaction(),
      () => this.#session(),
      () => this.#dirty(),
      () => this.#hasty(),
    ];
    for (let step = 0; step < STEPS; step++) {
      const run = this.#one(steps);
      const outcome = await run().then(
        () => 'answered',
        (error: Error) => error.name,
      );
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    }
  }

  /** Faults, as long as there are callers. */
  async trouble(signal: AbortSignal, application: string): Promise<void> {
    const shoot = (): Promise<unknown> =>
      observer.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and random() < 0.5',
        [application],
      );
    const limits = [1, 3, 5];
    const troubles = [
      shoot,
      shoot,
      () => this.#proxy.cut(),
      async () => {
        this.#pool.setLimit(this.#one(limits));
      },
      async () => {
        this.#proxy.hold('toClient');
        await this.#pause(20);
        this.#proxy.release('toClient');
      },
    ];
    while (!signal.aborted) {
      await this.#one(troubles)();
      await this.#pause(60);
    }
    this.#pool.setLimit(5);
  }

  #one<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  /** Lets random time pass. Nothing depends on how much. */
  #pause(most: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#random() * most));
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) this.violations.push(what);
  }

  async #query(): Promise<void> {
    const n = this.#next++;
    const { rows } = await this.#pool.query('select $1::int as n', [n], { timeout: '20s' });
    this.#expect(rows.length === 1 && rows[0]?.['n'] === n, `asked for ${n}, got another answer`);
  }

  async #failing(): Promise<void> {
    await this.#pool.query('select 1 / $1::int', [0], { timeout: '20s' });
    this.violations.push('a division by zero was answered');
  }

  async #impatient(): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const call = this.#pool.query('select pg_sleep(0.01)', [], { signal, priority: 9 });
    void this.#pause(20).then(() => {
      controller.abort(new Error('impatient'));
    });
    await call;
  }

  /** Whatever is committed is there, and nothing else. */
  async #transaction(): Promise<void> {
    const id = this.#next++;
    const controller = new AbortController();
    const insert = (one: PostgresTransaction, what: number): Promise<unknown> =>
      one.query(`insert into ${this.#table} values ($1)`, [what]);
    const how = this.#random();
    if (how < 0.2) {
      void this.#pause(10).then(() => {
        controller.abort(new Error('impatient'));
      });
    }
    try {
      await this.#pool.transaction(
        async (one) => {
          await insert(one, id);
          await one
            .transaction(async (part) => {
              await insert(part, -id - 1);
              await part.query('select 1 / 0');
            })
            .catch((error: unknown) => {
              if ((error as { readonly code?: string }).code !== '22012') throw error;
            });
          if (how > 0.8) throw new Error('changed my mind');
        },
        { signal: controller.signal, timeout: '20s' },
      );
      this.committed.add(id);
    } catch (error) {
      if (error instanceof PoolCommitUnknownError) this.unknown.add(id);
      throw error;
    }
  }

  /** Nobody else has the connection, and nothing was left on it. */
  async #session(): Promise<void> {
    await this.#pool.use(
      async (session) => {
        const pid = await this.#arrive(session);
        this.#held.add(pid);
        try {
          await session.query('select pg_sleep(0.002)');
          const again = await session.query('select pg_backend_pid() as pid');
          this.#expect(again.rows[0]?.['pid'] === pid, 'a session has changed its connection');
        } finally {
          this.#held.delete(pid);
        }
      },
      { timeout: 20_000 },
    );
  }

  async #arrive(session: PostgresSession): Promise<unknown> {
    const { rows } = await session.query(
      "select pg_backend_pid() as pid, to_regclass('pg_temp.dirt') as dirt, pg_current_xact_id_if_assigned() as xact",
    );
    const { pid, dirt, xact } = rows[0] ?? {};
    this.#expect(
      dirt === null && xact === null,
      'a connection was handed on with an open transaction',
    );
    this.#expect(!this.#held.has(pid), 'a connection was handed out twice');
    return pid;
  }

  async #dirty(): Promise<void> {
    await this.#pool.use(
      async (session) => {
        await session.query('begin');
        await session.query('create temp table dirt (id int)');
        if (this.#random() < 0.5) await session.query('select 1 / 0').catch(() => undefined);
      },
      { timeout: 20_000 },
    );
  }

  /** Gives it back while something runs, or is yet to run. */
  async #hasty(): Promise<void> {
    const lease = await this.#pool.acquire({ timeout: 20_000 });
    const queries = ['begin', 'create temp table dirt (id int)', 'select pg_sleep(0.05)'].map(
      (text) => lease.value.query(text).catch(() => undefined),
    );
    await this.#pause(5);
    if (this.#random() < 0.5) lease.release();
    else lease.discard();
    await Promise.all(queries);
  }
}

describe('a random schedule of callers and faults', () => {
  it.each(SEEDS)(
    'loses no connection and no caller, and mixes up nothing (seed %i)',
    async (seed) => {
      await using proxy = await startProxy({ target: bench.server });
      const application = `schedule-${seed}`;
      const table = `schedule_${seed}`;
      await observer.query(`create table ${table} (id int primary key)`);
      const pool = bench.pool({
        connectionString: proxy.url,
        connection: { application_name: application },
        min: 1,
        max: 5,
        validateAfterIdle: 5,
        backoff: 5,
        maxBackoff: 50,
        maxLifetime: 300,
        idleTimeout: 100,
        hookTimeout: '20s',
        prepare: { after: 2, max: 2 },
      });
      const schedule = new Schedule(pool, proxy, seededRandom(seed), table);
      const over = new AbortController();
      const trouble = schedule.trouble(over.signal, application);
      await Promise.all(Array.from({ length: CALLERS }, () => schedule.caller()));
      over.abort();
      await trouble;

      expect(schedule.violations).toEqual([]);
      expect(schedule.outcomes.get('answered') ?? 0).toBeGreaterThan(20);
      expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
      await vi.waitFor(() => {
        expect(pool.stats().active).toBe(0);
      }, PATIENCE);
      await expectLaw(pool);
      const { created, destroyed } = pool.stats();
      expect(Object.values(destroyed).reduce((sum, one) => sum + one, 0)).toBe(created);
      await vi.waitFor(async () => {
        expect(await backendsOf(observer, application)).toBe(0);
      }, PATIENCE);
      const { rows } = await observer.query<{ readonly id: number }>(`select id from ${table}`);
      const found = new Set(rows.map(({ id }) => id));
      expect([...schedule.committed].filter((id) => !found.has(id))).toEqual([]);
      const allowed = (id: number): boolean =>
        schedule.committed.has(id) || schedule.unknown.has(id);
      expect([...found].filter((id) => !allowed(id))).toEqual([]);
    },
  );
});
