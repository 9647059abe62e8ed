import { systemClock } from '@perf/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { compileCore, type CompiledCore } from './compiled-core.ts';

/** The longest delay of Node's own timers. */
const LONGEST = 2 ** 31 - 1;

afterEach(() => {
  vi.restoreAllMocks();
});

test('now is monotonic, and epoch is the wall clock', () => {
  vi.spyOn(Date, 'now').mockReturnValue(1234);
  vi.spyOn(performance, 'now').mockReturnValue(55.5);
  expect(systemClock.epoch()).toBe(1234);
  expect(systemClock.now()).toBe(55.5);
});

describe('coarse', () => {
  beforeEach(async () => {
    await endOfTurn();
  });

  test('is a whole number that never leads now and never runs back', async () => {
    let last = 0;
    for (let turn = 0; turn < 50; turn++) {
      for (let use = 0; use < 200; use++) {
        const coarse = systemClock.coarse();
        expect(coarse <= systemClock.now() && coarse >= last).toBe(true);
        expect(Number.isInteger(coarse)).toBe(true);
        last = coarse;
      }
      await endOfTurn();
    }
  });

  test('reads the time once in a turn of the loop', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000.9);
    expect(systemClock.coarse()).toBe(1000);
    now.mockReturnValue(2000);
    expect(systemClock.coarse()).toBe(1000);
    expect(now).toHaveBeenCalledTimes(1);
  });

  test('reads it again in the next turn', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    systemClock.coarse();
    await endOfTurn();
    now.mockReturnValue(2000);
    expect(systemClock.coarse()).toBe(2000);
  });

  test('reads it again in a turn that goes on and on', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    systemClock.coarse();
    now.mockReturnValue(2000);
    const readings = Array.from({ length: 64 }, () => systemClock.coarse());
    expect(readings.slice(0, 63)).toEqual(Array.from({ length: 63 }, () => 1000));
    expect(readings[63]).toBe(2000);
  });
});

describe('setTimer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('runs the callback once, after the delay', () => {
    const callback = vi.fn<() => void>();
    systemClock.setTimer(callback, 100);
    vi.advanceTimersByTime(99);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test.each([LONGEST, LONGEST + 1, LONGEST * 3 + 7])('waits for %d ms, not less', (delay) => {
    const callback = vi.fn<() => void>();
    systemClock.setTimer(callback, delay);
    vi.advanceTimersByTime(delay - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an infinite delay never ends', () => {
    const callback = vi.fn<() => void>();
    const timer = systemClock.setTimer(callback, Infinity);
    vi.advanceTimersByTime(LONGEST * 5);
    expect(callback).not.toHaveBeenCalled();
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([0, LONGEST + 1])('once cancelled after %d ms it never runs', (after) => {
    const callback = vi.fn<() => void>();
    const timer = systemClock.setTimer(callback, LONGEST * 2);
    vi.advanceTimersByTime(after);
    timer.cancel();
    timer.cancel();
    vi.advanceTimersByTime(LONGEST * 4);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('cancelling after it ran is harmless', () => {
    const timer = systemClock.setTimer(() => {}, 1);
    vi.advanceTimersByTime(1);
    expect(() => timer.cancel()).not.toThrow();
  });
});

describe('a process', () => {
  let core: CompiledCore;
  beforeAll(() => {
    core = compileCore();
  });
  afterAll(() => {
    core.remove();
  });

  test('stays alive for what is awaited, and only for that', () => {
    const program = (wait: string): string =>
      `process.on('exit', () => console.log('exit'));
       ${wait}
       console.log('waited');`;
    const slept = core.run(program('await core.sleep(core.systemClock, 20);'));
    expect(slept).toMatchObject({ status: 0, stdout: 'waited\nexit\n' });
    const bounded = core.run(
      program(`
        const { signal } = core.deadlineSignal(core.systemClock, 'it', 20);
        await core.abortable(new Promise(() => {}), signal).catch(() => {});`),
    );
    expect(bounded).toMatchObject({ status: 0, stdout: 'waited\nexit\n' });
    const left = core.run(program('core.systemClock.setTimer(() => console.log("late"), 60_000);'));
    expect(left).toMatchObject({ status: 0, stdout: 'waited\nexit\n' });
    const unawaited = core.run(
      program('void core.sleep(core.systemClock, 60_000, undefined, { keepAlive: false });'),
    );
    expect(unawaited).toMatchObject({ status: 0, stdout: 'waited\nexit\n' });
    const kept = core.run(
      program(`
        await new Promise((resolve) => {
          core.systemClock.setTimer(resolve, 20).keepAlive(true);
        });
        core.systemClock.setTimer(() => console.log("late"), 60_000, { keepAlive: true }).keepAlive(false);`),
    );
    expect(kept).toMatchObject({ status: 0, stdout: 'waited\nexit\n' });
  });

  test('reads the coarse time again after its loop has slept until something arrived', () => {
    const { stdout } = core.run(`
      import { pbkdf2 } from 'node:crypto';
      let time = 1000;
      performance.now = () => time;
      setTimeout(() => {
        core.systemClock.coarse();
        // Arrives in the loop's poll phase, long after all other work of this turn.
        pbkdf2('a', 'b', 200_000, 64, 'sha512', () => {
          time = 2000;
          console.log(core.systemClock.coarse());
        });
      }, 1);
    `);
    expect(stdout).toBe('2000\n');
  });

  test.each([1_000_000, LONGEST * 2])('ends although a timer of %d ms is pending', (delay) => {
    const { status, stdout } = core.run(
      `core.systemClock.setTimer(() => console.log('ran'), ${delay}); console.log('end');`,
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'end\n' });
  });

  test('ends although a deadline was released and the coarse time was read', () => {
    const { status, stdout } = core.run(`
      core.systemClock.coarse();
      core.deadlineSignal(core.systemClock, 'it', 1_000_000).release();
      console.log('end');
    `);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'end\n' });
  });
});

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      setImmediate(resolve);
    });
  });
}
