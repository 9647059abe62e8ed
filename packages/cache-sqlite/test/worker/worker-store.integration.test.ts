import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@perf/core';
import { createCache, StoreUnavailableError } from '@perf/cache-core';
import { ManualClock } from '@perf/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SqliteFileError, type SqliteStore } from '../../src/index.ts';
import { FileStore } from '../../src/sqlite-store.ts';
import { resolveOptions } from '../../src/sqlite-store-options.ts';
import { SLOTS } from '../../src/worker/protocol.ts';
import { WorkerStore } from '../../src/worker/worker-store.ts';
import { driverIsMissing, openRaw } from '../fixtures/driver.ts';
import { buildPrograms, type Programs } from '../fixtures/programs.ts';
import { CALL, getText, setText, useTempFolder } from '../fixtures/temp-folder.ts';

/** A worker that ends with the process's last word when a certain key is asked for. */
const CRASHING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (request) => {
      if (request.kind === 'close') parentPort.close();
      else if (request.args[0][0] === 'crash') throw new Error('crashed');
      else if (request.args[0][0] !== 'hang') {
        parentPort.postMessage({ kind: 'value', id: request.id, value: [undefined] });
      }
    });`)}`,
);

describe.skipIf(driverIsMissing)('a store in a worker', () => {
  const temp = useTempFolder();
  const opened: SqliteStore[] = [];
  let programs: Programs | undefined;

  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => programs?.remove());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });

  function open(url: URL | undefined = programs?.worker.url): SqliteStore {
    const settings = resolveOptions({ path: temp.at('cache.db'), worker: true, maxEntries: 3 });
    const backend = new WorkerStore(settings, url === undefined ? undefined : { url });
    const store = new FileStore(settings, backend, systemClock, false);
    opened.push(store);
    return store;
  }

  it('shares its file with stores in this thread', async () => {
    const inWorker = open();
    const here = temp.open();
    await setText(inWorker, 'a', '1');
    expect(await getText(here, 'a')).toBe('1');
    await setText(here, 'a', '2');
    expect(await getText(inWorker, 'a')).toBe('2');
    expect(inWorker.capabilities).toMatchObject({ blocking: false });
    expect(here.capabilities).toMatchObject({ blocking: true });
  });

  it('has started its thread before the first call', async () => {
    const started = join(temp.at('.'), 'started');
    open(
      new URL(
        `data:text/javascript,${encodeURIComponent(`
          import { writeFileSync } from 'node:fs';
          import { parentPort } from 'node:worker_threads';
          parentPort.on('message', () => parentPort.close());
          writeFileSync(${JSON.stringify(started)}, '');`)}`,
      ),
    );
    await vi.waitUntil(() => existsSync(started), { timeout: 30_000 });
  });

  it("is waited for by a cache until its thread has started, in no call's time", async () => {
    const mayStart = join(temp.at('.'), 'may-start');
    const store = open(
      new URL(
        `data:text/javascript,${encodeURIComponent(`
          import { existsSync } from 'node:fs';
          const nobody = new Int32Array(new SharedArrayBuffer(4));
          while (!existsSync(${JSON.stringify(mayStart)})) Atomics.wait(nobody, 0, 0, 5);
          await import(${JSON.stringify(programs?.worker.url.href)});`)}`,
      ),
    );
    const clock = new ManualClock();
    const cache = createCache<string>({ stores: [store], clock, storeTimeout: 250 });
    const errors: unknown[] = [];
    cache.on('error', ({ error }) => errors.push(error));
    const loading = cache.getOrSet('a', () => '1');
    await clock.advanceAsync(5000);
    expect(store.starting()).toBeInstanceOf(Promise);
    writeFileSync(mayStart, '');
    expect(await loading).toBe('1');
    expect([errors, store.starting()]).toEqual([[], undefined]);
    expect(await store.getMany(['a'], CALL)).toMatchObject([{ bytes: expect.any(Uint8Array) }]);
    await cache.close();
  });

  it('starts another thread when one cannot start, and says why', async () => {
    const store = open(
      new URL(`data:text/javascript,${encodeURIComponent(`throw new Error('no memory');`)}`),
    );
    for (const attempt of [1, 2]) {
      await expect(store.starting(), `attempt ${attempt}`).rejects.toMatchObject({
        code: 'PERF_CACHE_STORE',
        cause: { message: 'no memory' },
      });
    }
  });

  it('leaves the bytes that it is handed to their owner', async () => {
    const store = open();
    const bytes = new Uint8Array([1, 2, 3]);
    await store.setMany([{ key: 'a', bytes, ttl: 1000 }], CALL);
    expect([...bytes]).toEqual([1, 2, 3]);
  });

  it('passes on events, with their errors', async () => {
    const store = open();
    const events: unknown[] = [];
    store.on('evict', (event) => events.push(event));
    store.on('busy', (event) => events.push(event));
    for (const key of ['a', 'b', 'c', 'd']) await setText(store, key, '1');
    const raw = openRaw(temp.at('cache.db'));
    raw.exec('BEGIN IMMEDIATE');
    await expect(setText(store, 'a', '1')).rejects.toMatchObject({
      code: 'PERF_CACHE_STORE',
      store: 'sqlite',
      cause: expect.objectContaining({ code: 'SQLITE_BUSY' }) as Error,
    });
    raw.close();
    expect(events).toEqual([{ entries: 1, bytes: 130, reason: 'bound' }, { operation: 'setMany' }]);
  });

  it('rejects with the errors of this package', async () => {
    const raw = openRaw(temp.at('cache.db'));
    raw.exec('CREATE TABLE customers (name TEXT)');
    raw.close();
    const store = open();
    await expect(getText(store, 'a')).rejects.toBeInstanceOf(SqliteFileError);
    await expect(getText(store, 'a')).rejects.toMatchObject({ problem: 'foreign' });
    expect(await store.health(CALL)).toMatchObject({ healthy: false });
  });

  it('browses, cleans up and vacuums', async () => {
    const store = open();
    for (const key of ['a', 'b', 'c']) await setText(store, key, '1');
    const keys: string[] = [];
    for await (const { key } of store.entries({ prefix: 'b' })) keys.push(key);
    expect(keys).toEqual(['b']);
    expect(await store.cleanup({ by: 'lru', maxEntries: 1 })).toMatchObject({ entries: 2 });
    expect(await store.vacuum()).toBe(0);
  });

  it('a crash rejects the calls under way, and the next call starts another worker', async () => {
    const store = open(CRASHING);
    const trouble: string[] = [];
    store.on('trouble', ({ error }) => trouble.push(error.message));
    const calls = [store.getMany(['hang'], CALL), store.getMany(['crash'], CALL)];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected' });
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(StoreUnavailableError);
    }
    expect(trouble).toEqual(['crashed']);
    expect(await store.getMany(['a'], CALL)).toEqual([undefined]);
  });

  it('a call that the worker has not begun when it is given up is never applied', async () => {
    const store = open();
    await setText(store, 'a', '1');
    const controller = new AbortController();
    const reason = new Error('too late');
    const entry = { key: 'a', bytes: Buffer.from('2'), ttl: 1000 };
    // Keeps the worker busy meanwhile.
    const large = { key: 'b', bytes: Buffer.alloc(10_000_000), ttl: 1000 };
    const before = store.setMany([large, large, large], CALL);
    const outcomes = [store.setMany([entry], controller), store.deleteMany(['a'], controller)];
    controller.abort(reason);
    const settled = await Promise.allSettled(outcomes);
    const applied = settled.map((outcome) =>
      outcome.status === 'rejected' && outcome.reason === reason ? 'not applied' : outcome,
    );
    expect(applied).toEqual(['not applied', 'not applied']);
    await before;
    expect(await getText(store, 'a')).toBe('1');
  });

  it('a write given up while the worker is at it is unknown, a read rejects', async () => {
    const taken = temp.at('taken');
    const never = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { writeFileSync } from 'node:fs';
        import { parentPort, workerData } from 'node:worker_threads';
        const slots = new Int32Array(workerData.slots);
        let calls = 0;
        parentPort.on('message', (request) => {
          if (request.kind === 'close') return parentPort.close();
          Atomics.store(slots, request.slot, 2);
          if (++calls === 3) writeFileSync(${JSON.stringify(taken)}, '');
        });`)}`,
    );
    const store = open(never);
    const controller = new AbortController();
    const entry = { key: 'a', bytes: Buffer.from('2'), ttl: 1000 };
    const write = store.setMany([entry, entry], controller);
    const fill = store.fencing.fillMany([{ ...entry, ticket: 't' }], controller);
    const read = store.getMany(['a'], controller);
    const refused = read.catch((error: unknown) => error);
    await vi.waitUntil(() => existsSync(taken), { timeout: 20_000 });
    controller.abort(new Error('too late'));
    expect(await write).toEqual(['unknown', 'unknown']);
    expect(await fill).toEqual(['unknown']);
    expect(await refused).toEqual(new Error('too late'));
  });

  it('refuses more calls at once than it has places for, and frees places', async () => {
    const store = open(CRASHING);
    const calls = Array.from({ length: SLOTS + 1 }, () => store.getMany(['a'], CALL));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await store.getMany(['a'], CALL)).toEqual([undefined]);
  });

  it('does not keep the process alive while it is idle', async () => {
    expect(await programs?.runWorkerUser(temp.at('cache.db'), 'idle')).toBe('stored');
  });

  it('makes no warning of many calls that wait', async () => {
    expect(await programs?.runWorkerUser(temp.at('cache.db'), 'busy')).toBe('deleted');
  });

  it('is waited for by close, even while it still answers calls that were given up', async () => {
    expect(await programs?.runWorkerUser(temp.at('cache.db'), 'close')).toBe('closed');
  });

  it('ends with close, and does not end later than that', async () => {
    const store = open();
    const written = setText(store, 'a', '1');
    await store.close();
    expect(await written).toBe('stored');
    await expect(getText(store, 'a')).rejects.toMatchObject({ code: 'PERF_CLOSED' });
  });
});
