import { TimeoutError } from '@perf/core';
import { describe, expect, test, vi } from 'vitest';
import { CallContext } from '../../src/execution/call-context.ts';
import { fallback } from '../../src/fallback/fallback.ts';

const boom = new Error('boom');

describe('a fallback', () => {
  test('answers instead of an error, knowing it and the context', async () => {
    const policy = fallback({ to: (error, { priority }) => [error, priority] });
    const events: unknown[] = [];
    policy.on('fallback', (event) => events.push(event));
    expect(await policy.execute(() => 'fine')).toBe('fine');
    expect(await policy.executeOr(() => Promise.reject(boom), { priority: 3 })).toEqual([boom, 3]);
    expect(
      await policy.executeOr(() => {
        throw boom;
      }),
    ).toEqual([boom, 5]);
    expect(events).toEqual([
      { policy: 'fallback', error: boom },
      { policy: 'fallback', error: boom },
    ]);
    expect(policy.snapshot()).toEqual({
      name: 'fallback',
      totals: { succeeded: 1, fallbacks: 2, failedFallbacks: 0, passed: 0 },
    });
  });

  test('a condition that throws is reported, and the fallback asked', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const when = (): boolean => {
      throw new Error('broken');
    };
    const policy = fallback({ to: () => 'else', when });
    expect(await policy.executeOr(() => Promise.reject(boom))).toBe('else');
    expect(warned).toHaveBeenCalledOnce();
  });

  test.each<[string, () => never]>([
    [
      'throws',
      () => {
        throw new Error('worse');
      },
    ],
    ['rejects', (() => Promise.reject(new Error('worse'))) as () => never],
  ])('rejects with what it %s itself', async (_, to) => {
    const policy = fallback({ to });
    await expect(policy.execute(() => Promise.reject(boom))).rejects.toThrow('worse');
    expect(policy.snapshot().totals.failedFallbacks).toBe(1);
  });

  test('leaves errors alone that it is not for, and what the caller gave up', async () => {
    const policy = fallback({ to: () => 0, when: (error) => error !== boom });
    await expect(policy.execute(() => Promise.reject(boom))).rejects.toBe(boom);
    expect(await policy.executeOr(() => Promise.reject(new Error('other')))).toBe(0);
    const controller = new AbortController();
    const aborted = policy.execute(
      () => {
        controller.abort();
        throw new Error('other');
      },
      { signal: controller.signal },
    );
    await expect(aborted).rejects.toThrow('other');
    expect(policy.snapshot().totals.passed).toBe(2);
  });

  test('answers after a timeout', async () => {
    const policy = fallback({ to: () => 'stale' });
    const controller = new AbortController();
    const call = new CallContext(controller.signal);
    const result = policy.executeOr(async () => {
      controller.abort(new TimeoutError('it', 5));
      throw new DOMException('', 'AbortError');
    }, call);
    expect(await result).toBe('stale');
  });
});

test.each<[object, string]>([
  [{}, 'fallback.to'],
  [{ to: 5 }, 'fallback.to'],
  [{ to: () => 1, when: 1 }, 'fallback.when'],
  [{ to: () => 1, value: 1 }, 'fallback.value'],
])('%o is refused', (options, option) => {
  expect(() => fallback(options as never)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});
