import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { defineChannel } from '@perf/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileCore, type CompiledCore } from './compiled-core.ts';

interface Load {
  readonly key: string;
}

test('its name is made of the area and the event', () => {
  expect(defineChannel<Load>('cache', 'load').name).toBe('perf:cache:load');
});

test('it is active only while someone subscribes, and hands over the payload itself', () => {
  const channel = defineChannel<Load>('cache', 'test-subscribers');
  const seen: unknown[] = [];
  const listener = (message: unknown, name: string | symbol): void =>
    void seen.push([name, message]);
  expect(channel.active).toBe(false);
  channel.publish({ key: 'nobody hears this' });

  subscribe('perf:cache:test-subscribers', listener);
  expect(channel.active).toBe(true);
  const payload = { key: 'a' };
  channel.publish(payload);
  unsubscribe('perf:cache:test-subscribers', listener);

  expect(channel.active).toBe(false);
  channel.publish({ key: 'nobody hears this' });
  expect(seen).toEqual([['perf:cache:test-subscribers', payload]]);
  expect((seen[0] as unknown[])[1]).toBe(payload);
});

test('two definitions of one channel are the same channel', () => {
  const [first, second] = [
    defineChannel<Load>('cache', 'same'),
    defineChannel<Load>('cache', 'same'),
  ];
  const seen: unknown[] = [];
  const listener = (message: unknown): void => void seen.push(message);
  subscribe(first.name, listener);
  second.publish({ key: 'a' });
  unsubscribe(first.name, listener);
  expect(seen).toEqual([{ key: 'a' }]);
});

describe('NODE_DEBUG', () => {
  const program = `
    const load = core.defineChannel('cache', 'load');
    console.log(load.active);
    load.publish({ key: 'users:1', tier: 'memory' });
  `;
  let core: CompiledCore;
  beforeAll(() => {
    core = compileCore();
  });
  afterAll(() => {
    core.remove();
  });

  test.each(['perf:cache', 'http,PERF:CACHE', 'perf:*'])('%s prints the area', (pattern) => {
    const { stdout, stderr } = core.run(program, { NODE_DEBUG: pattern });
    expect(stdout).toBe('true\n');
    expect(stderr).toMatch(/^PERF:CACHE \d+: load \{ key: 'users:1', tier: 'memory' \}$/m);
  });

  test.each(['', 'perf:pool', 'perf', 'cache'])('"%s" prints nothing of it', (pattern) => {
    const { stdout, stderr } = core.run(program, { NODE_DEBUG: pattern });
    expect({ stdout, stderr }).toEqual({ stdout: 'false\n', stderr: '' });
  });
});
