import { ConfigError, Emitter } from '@perf/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

interface Events {
  evicted: string;
  closed: undefined;
}

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((warning, options) => {
    warnings.push(`${(options as { type: string }).type}: ${String(warning)}`);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('listeners get the payload at once, in the order of subscription', () => {
  const emitter = new Emitter<Events>(['evicted', 'closed']);
  const seen: string[] = [];
  emitter.on('evicted', (key) => seen.push(`first ${key}`));
  emitter.on('evicted', (key) => seen.push(`second ${key}`));
  emitter.on('closed', () => seen.push('closed'));
  emitter.emit('evicted', 'a');
  expect(seen).toEqual(['first a', 'second a']);
});

test('an event without listeners does nothing', () => {
  const emitter = new Emitter<Events>(['evicted', 'closed']);
  expect(() => emitter.emit('evicted', 'a')).not.toThrow();
});

test('a listener that is not a function is refused where it is added', () => {
  const emitter = new Emitter<Events>(['evicted', 'closed']);
  expect(() => emitter.on('evicted', undefined as never)).toThrow(ConfigError);
  expect(emitter.has('evicted')).toBe(false);
});

test.each<unknown>(['evict', '', 'toString', '__proto__', undefined, null, Symbol('evicted')])(
  'an event that there is not is refused, with those that there are: %s',
  (event) => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    expect(() => emitter.on(event as never, () => {})).toThrow(ConfigError);
    expect(() => emitter.on(event as never, () => {})).toThrow(
      /^event must be one of 'evicted', 'closed', got /,
    );
  },
);

describe('unsubscribing', () => {
  test('removes that subscription only, also of a function that was added twice', () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    const listener = vi.fn<(key: string) => void>();
    const off = emitter.on('evicted', listener);
    emitter.on('evicted', listener);
    off();
    off();
    emitter.emit('evicted', 'a');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('of the last listener makes has() false', () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    const off = emitter.on('evicted', () => {});
    expect(emitter.has('evicted')).toBe(true);
    off();
    expect(emitter.has('evicted')).toBe(false);
  });

  test('after clear() leaves later subscriptions alone', () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    const off = emitter.on('evicted', () => {});
    emitter.clear();
    expect(emitter.has('evicted')).toBe(false);
    const later = vi.fn<(key: string) => void>();
    emitter.on('evicted', later);
    off();
    emitter.emit('evicted', 'a');
    expect(later).toHaveBeenCalledTimes(1);
  });
});

describe('a change while an event is emitted takes effect at the next one', () => {
  test('a listener that removes itself runs once, and those after it are not passed over', () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    const seen: string[] = [];
    const off = emitter.on('evicted', () => {
      seen.push('once');
      off();
    });
    emitter.on('evicted', () => seen.push('always'));
    emitter.emit('evicted', 'a');
    emitter.emit('evicted', 'b');
    expect(seen).toEqual(['once', 'always', 'always']);
  });

  test('a listener that is added by a listener does not run yet', () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    const added = vi.fn<(key: string) => void>();
    const off = emitter.on('evicted', () => {
      emitter.on('evicted', added);
      off();
    });
    emitter.emit('evicted', 'a');
    expect(added).not.toHaveBeenCalled();
    emitter.emit('evicted', 'b');
    expect(added).toHaveBeenCalledExactlyOnceWith('b');
  });
});

describe('a failing listener is reported and breaks nothing', () => {
  test('when it throws', () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    const after = vi.fn<(key: string) => void>();
    emitter.on('evicted', () => {
      throw new TypeError('broken listener');
    });
    emitter.on('evicted', after);
    expect(() => emitter.emit('evicted', 'a')).not.toThrow();
    expect(after).toHaveBeenCalledTimes(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^PerfListenerError: a listener of "evicted" failed: TypeError: broken listener\n +at /,
    );
  });

  test('when its promise rejects', async () => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    emitter.on('evicted', async () => Promise.reject(new Error('late')));
    emitter.emit('evicted', 'a');
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(warnings).toEqual([expect.stringContaining('failed: Error: late')]);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['an object without prototype', Object.create(null)],
    [
      'an object whose inspection throws',
      {
        [Symbol.for('nodejs.util.inspect.custom')]() {
          throw new Error('no');
        },
      },
    ],
    [
      'an error whose stack throws',
      Object.defineProperty(new Error('x'), 'stack', {
        get() {
          throw new Error('no');
        },
      }),
    ],
    ['a revoked proxy', revokedProxy()],
    ['a symbol', Symbol('s')],
  ])('whatever it throws: %s', (_, thrown) => {
    const emitter = new Emitter<Events>(['evicted', 'closed']);
    emitter.on('evicted', () => {
      throw thrown;
    });
    expect(() => emitter.emit('evicted', 'a')).not.toThrow();
    expect(warnings).toHaveLength(1);
  });
});

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
