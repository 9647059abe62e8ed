import { createServer } from 'node:net';
import { ClosedError, ConfigError, createDeferred } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { createProfiler, type Profiler } from '../../src/profiler/profiler.ts';
import type { OperationStats } from '../../src/profiler/profile.ts';
import { sampleAt, SAMPLE_FIELDS } from '../../src/profiler/sample.ts';

const profilers: Profiler[] = [];

function create(options: Parameters<typeof createProfiler>[0] = {}): Profiler {
  const profiler = createProfiler(options);
  profilers.push(profiler);
  return profiler;
}

afterEach(async () => {
  await Promise.all(profilers.splice(0).map((profiler) => profiler.close()));
});

function only(profiler: Profiler): OperationStats {
  const { operations } = profiler.profile();
  expect(operations).toHaveLength(1);
  return operations[0] as OperationStats;
}

test('a function that returns a value is counted, and its value returned as it is', () => {
  const clock = new ManualClock();
  const profiler = create({ clock });
  const value = { a: 1 };
  const got = profiler.run('orders', 'read', () => {
    clock.advance(7);
    return value;
  });
  expect(got).toBe(value);
  expect(only(profiler)).toMatchObject({
    component: 'orders',
    operation: 'read',
    count: 1,
    errors: 0,
    active: 0,
    totalMs: 7,
    maxMs: 7,
  });
});

test('an error that is thrown is counted, and thrown on', () => {
  const profiler = create();
  const error = new Error('no');
  expect(() =>
    profiler.run('orders', 'read', () => {
      throw error;
    }),
  ).toThrow(error);
  expect(only(profiler)).toMatchObject({ count: 1, errors: 1, active: 0 });
});

test('a promise counts when it settles; until then the operation is active', async () => {
  const clock = new ManualClock();
  const profiler = create({ clock });
  const good = createDeferred<string>();
  const bad = createDeferred<string>();
  const first = profiler.run('orders', 'read', () => good.promise);
  const second = profiler.run('orders', 'read', () => bad.promise);
  expect(only(profiler)).toMatchObject({ count: 0, active: 2 });
  clock.advance(20);
  good.resolve('done');
  await expect(first).resolves.toBe('done');
  expect(only(profiler)).toMatchObject({ count: 1, errors: 0, active: 1 });
  bad.reject(new Error('no'));
  await expect(second).rejects.toThrow('no');
  expect(only(profiler)).toMatchObject({ count: 2, errors: 1, active: 0, totalMs: 40 });
});

test('a rejection that nobody handles stays unhandled', async () => {
  const profiler = create();
  const unhandled: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const listener = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', listener);
  try {
    const error = new Error('nobody looks');
    void profiler.run('a', 'b', () => Promise.reject(error));
    await vi.waitFor(() => expect(unhandled).toEqual([error]), { timeout: 15_000 });
  } finally {
    process.off('unhandledRejection', listener);
    for (const one of others) process.on('unhandledRejection', one);
  }
});

test('a thenable is waited for like a promise', async () => {
  const profiler = create();
  const result = profiler.run('a', 'b', () => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then: (onFulfilled: (value: number) => unknown) => Promise.resolve(onFulfilled(5)),
  }));
  expect(await result).toBe(5);
  expect(only(profiler)).toMatchObject({ count: 1, errors: 0 });
});

test('a thenable that throws, or calls back twice, is counted once', async () => {
  const profiler = create();
  const thrown = profiler.run('a', 'b', () => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then(): never {
      throw new Error('then');
    },
  }));
  await expect(thrown).rejects.toThrow('then');
  const twice = profiler.run('a', 'b', () => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then(onFulfilled: (value: number) => void): void {
      onFulfilled(1);
      onFulfilled(2);
    },
  }));
  expect(await twice).toBe(1);
  expect(only(profiler)).toMatchObject({ count: 2, errors: 1, active: 0 });
});

test('a span counts once, when it ends, and as an error if it failed', () => {
  const clock = new ManualClock();
  const profiler = create({ clock });
  const span = profiler.span('db', 'query');
  expect(only(profiler).active).toBe(1);
  clock.advance(5);
  span.fail();
  span.end();
  clock.advance(100);
  span.end();
  expect(only(profiler)).toMatchObject({ count: 1, errors: 1, totalMs: 5, active: 0 });
});

test('using ends a span with its block, also when it throws', () => {
  const clock = new ManualClock();
  const profiler = create({ clock });
  expect(() => {
    using span = profiler.span('db', 'query');
    expect(span).toBeDefined();
    clock.advance(3);
    throw new Error('out');
  }).toThrow('out');
  expect(only(profiler)).toMatchObject({ count: 1, errors: 0, totalMs: 3 });
});

test('a wrapped function keeps this, arguments, name and result', async () => {
  const profiler = create();
  const owner = {
    factor: 2,
    double: profiler.wrap(
      'math',
      'double',
      async function double(this: { factor: number }, value: number) {
        return value * this.factor;
      },
    ),
  };
  expect(await owner.double(21)).toBe(42);
  expect(owner.double.name).toBe('double');
  expect(only(profiler)).toMatchObject({ component: 'math', operation: 'double', count: 1 });
});

test('operations beyond the maximum are counted together, and told once', () => {
  const profiler = create({ maxOperations: 2 });
  const overflows: unknown[] = [];
  profiler.on('overflow', (event) => overflows.push(event));
  for (let one = 0; one < 50; one++) profiler.run('c', `op ${one}`, () => undefined);
  expect(profiler.profile().operations).toHaveLength(3);
  expect(overflows).toEqual([{ profiler: 'profiler', component: 'c', operation: 'op 2' }]);
});

test('samples are taken at each interval while it runs', () => {
  const clock = new ManualClock();
  const profiler = create({ clock, interval: 100 });
  expect(profiler.profile().samples.length).toBe(0);
  profiler.start();
  profiler.start();
  clock.advance(1000);
  const { samples, uptime, time, interval } = profiler.profile();
  expect(samples.length).toBe(10);
  expect([...samples.columns.interval]).toEqual(Array.from({ length: 10 }, () => 100));
  expect(samples.columns.time.at(-1)).toBe(time);
  expect(uptime).toBe(1000);
  expect(interval).toBe(100);
  profiler.stop();
  profiler.stop();
  clock.advance(1000);
  expect(profiler.profile().samples.length).toBe(10);
  expect(profiler.profile().uptime).toBe(1000);
  expect(clock.pendingTimers).toBe(0);
  profiler.start();
  clock.advance(500);
  expect(profiler.profile()).toMatchObject({ uptime: 1500, samples: { length: 15 } });
});

test('every field is known on Linux after two seconds, and those of a signal that is off are not', () => {
  const clock = new ManualClock();
  const profiler = create({ clock, signals: { memory: false, eventLoop: false } });
  profiler.start();
  clock.advance(2000);
  const sample = sampleAt(profiler.profile().samples, -1);
  const unknown = SAMPLE_FIELDS.filter((field) => Number.isNaN(sample?.[field]));
  const off =
    'rss heapTotal heapUsed external arrayBuffers loopDelayP50 loopDelayP99 loopDelayMax loopUtilization activeHandles activeRequests cgroupMemory';
  for (const field of off.split(' ')) expect(unknown).toContain(field);
  for (const field of ['cpuUser', 'cpuShare', 'gcMinorCount', 'gcPauseMax'])
    expect(unknown).not.toContain(field);
});

test('a timer that comes late is a delay of the loop in the sample of that time', () => {
  let late = 0;
  const clock = new (class extends ManualClock {
    override setTimer(callback: () => void, delay: number): ReturnType<ManualClock['setTimer']> {
      return super.setTimer(callback, delay + late);
    }
  })();
  const profiler = create({ clock });
  profiler.start();
  clock.advance(480);
  late = 300;
  clock.advance(20);
  late = 0;
  clock.advance(1000);
  const { loopDelayMax, interval } = profiler.profile().samples.columns;
  const at = loopDelayMax.indexOf(300);
  expect(at).toBeGreaterThan(0);
  expect(interval[at]).toBeGreaterThanOrEqual(300);
  expect(Math.max(...loopDelayMax.filter((_, index) => index !== at))).toBe(0);
});

test('a profile goes back as far as it is asked to', () => {
  const clock = new ManualClock();
  const profiler = create({ clock, maxSamples: 50 });
  profiler.start();
  clock.advance(60_000);
  expect(profiler.profile().samples.length).toBe(50);
  expect(profiler.profile({ last: '1s' }).samples.length).toBe(11);
  expect(() => profiler.profile({ last: -1 })).toThrow('profile.last');
});

test('a profile is plain data, and can be sent to another thread', () => {
  const clock = new ManualClock();
  const profiler = create({ clock });
  profiler.start();
  clock.advance(1000);
  profiler.run('a', 'b', () => undefined);
  const profile = profiler.profile();
  expect(structuredClone(profile)).toEqual(profile);
});

test('a loop that is really blocked is seen', async () => {
  const profiler = create({ interval: 50 });
  profiler.start();
  await vi.waitFor(() => expect(profiler.profile().samples.length).toBeGreaterThan(0), {
    timeout: 15_000,
  });
  const until = performance.now() + 400;
  while (performance.now() < until);
  await vi.waitFor(
    () => {
      const { loopDelayMax } = profiler.profile().samples.columns;
      expect(Math.max(...loopDelayMax)).toBeGreaterThan(300);
    },
    { timeout: 15_000 },
  );
});

test('real garbage is collected, and counted', async () => {
  const profiler = create({ interval: 50 });
  profiler.start();
  await vi.waitFor(
    () => {
      const garbage: unknown[] = [];
      for (let one = 0; one < 300_000; one++) garbage.push({ one });
      const { gcMinorCount, gcMinorPause, gcPauseMax } = profiler.profile().samples.columns;
      expect(sum(gcMinorCount)).toBeGreaterThan(3);
      expect(sum(gcMinorPause)).toBeGreaterThan(0);
      expect(Math.max(...gcPauseMax)).toBeLessThanOrEqual(sum(gcMinorPause) + 60_000);
    },
    { timeout: 20_000, interval: 20 },
  );
}, 30_000);

test('a server that listens is an active handle', async () => {
  const profiler = create({ interval: 50 });
  const server = createServer().listen(0, '127.0.0.1');
  profiler.start();
  await vi.waitFor(
    () => {
      expect(sampleAt(profiler.profile().samples, -1)?.activeHandles).toBeGreaterThanOrEqual(1);
    },
    { timeout: 15_000 },
  );
  server.close();
});

test('after close nothing is sampled, start is refused, and operations are counted still', async () => {
  const clock = new ManualClock();
  const profiler = create({ clock });
  profiler.start();
  await profiler.close();
  await profiler.close();
  expect(clock.pendingTimers).toBe(0);
  expect(profiler.isRunning).toBe(false);
  expect(() => profiler.start()).toThrow(ClosedError);
  expect(profiler.run('a', 'b', () => 5)).toBe(5);
  await expect(profiler.captureCpu({ dir: '/tmp' })).rejects.toThrow(ClosedError);
});

test('no timer keeps the process alive', () => {
  const clock = new ManualClock();
  create({ clock }).start();
  expect(clock.pendingTimers).toBe(1);
  expect(clock.keepAliveTimers).toBe(0);
});

test('the ring does not outgrow its maximum, whatever the time', () => {
  const clock = new ManualClock();
  const profiler = create({
    clock,
    maxSamples: 10,
    interval: '1s',
    signals: { io: false, network: false, eventLoop: false },
  });
  profiler.start();
  clock.advance(300_000);
  const { samples } = profiler.profile();
  expect(samples.length).toBe(10);
  expect(samples.columns.rss).toHaveLength(10);
});

test.each([
  ['interval', { interval: 5 }],
  ['interval', { interval: Number.NaN }],
  ['maxSamples', { maxSamples: 0 }],
  ['maxSamples', { maxSamples: 1.5 }],
  ['maxOperations', { maxOperations: -1 }],
  ['signals.disk', { signals: { disk: true } }],
  ['captures.dir', { captures: { dir: '' } }],
  ['captures.maxFiles', { captures: { dir: 'x', maxFiles: 0 } }],
  ['captures', { bursts: [{}] }],
  ['bursts', { bursts: {} }],
  ['bursts[0].for', { captures: { dir: 'x' }, bursts: [{ for: -1 }] }],
  ['bursts[0].duration', { captures: { dir: 'x' }, bursts: [{ duration: '1h' }] }],
  ['bursts[0].capture', { captures: { dir: 'x' }, bursts: [{ capture: 'disk' }] }],
  ['bursts[0].when', { captures: { dir: 'x' }, bursts: [{ when: true }] }],
  ['bursts[0].coolDown', { captures: { dir: 'x' }, bursts: [{ coolDown: 1 }] }],
  ['name', { name: '' }],
  ['intervall', { intervall: 5 }],
])('the option %s is refused by its name: %o', (option, options) => {
  expect(() => createProfiler(options as object)).toThrow(ConfigError);
  expect(() => createProfiler(options as object)).toThrow(`profiler.${option} must be`);
});

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
