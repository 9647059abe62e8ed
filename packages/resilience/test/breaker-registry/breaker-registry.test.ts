import { createDeferred, TimeoutError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import {
  BreakerRegistryFullError,
  createBreakerRegistry,
  type BreakerRegistryOptions,
  type Incident,
} from '../../src/index.ts';

function scene(options: Partial<BreakerRegistryOptions> = {}) {
  const clock = new ManualClock();
  const registry = createBreakerRegistry({
    clock,
    defaults: { consecutiveFailures: 5, random: () => 0.5 },
    ...options,
  });
  const incidents: Incident[] = [];
  const resolved: number[] = [];
  registry.on('incident', (incident) => incidents.push(incident));
  registry.on('resolved', ({ id }) => resolved.push(id));
  const succeed = async (service: string, calls = 1): Promise<void> => {
    for (let call = 0; call < calls; call++) await registry.protectedCall(service, () => 'good');
  };
  const fail = async (service: string, calls = 1, error = coded('ECONNREFUSED')): Promise<void> => {
    for (let call = 0; call < calls; call++) {
      await registry.protectedCall(service, () => Promise.reject(error)).catch(() => undefined);
    }
  };
  return { clock, registry, incidents, resolved, succeed, fail };
}

const coded = (code: string): Error => Object.assign(new Error(code), { code });

describe('breakers by name', () => {
  it('are made when they are first asked for, and stay', () => {
    const { registry } = scene();
    expect(registry.services()).toEqual([]);
    const breaker = registry.get('payments');
    expect(breaker.name).toBe('payments');
    expect(registry.get('payments')).toBe(breaker);
    expect(registry.services()).toEqual(['payments']);
  });

  it('have the options of their service, over the defaults', async () => {
    const { registry, fail } = scene({ services: { fragile: { consecutiveFailures: 2 } } });
    await fail('fragile', 2);
    await fail('sturdy', 2);
    expect(registry.get('fragile').state).toBe('open');
    expect(registry.get('sturdy').state).toBe('closed');
  });

  it('protect calls by the name of the service', async () => {
    const { registry, fail } = scene();
    expect(await registry.protectedCall('a', () => 5)).toBe(5);
    await fail('a', 5);
    await expect(registry.protectedCall('a', () => 5)).rejects.toMatchObject({
      code: 'PERF_CIRCUIT_OPEN',
      breaker: 'a',
    });
    expect(await registry.protectedCall('b', () => 5)).toBe(5);
  });

  it('are closed, all of them, by resetAll', async () => {
    const { registry, fail } = scene();
    await fail('a', 5);
    registry.get('b').isolate();
    registry.resetAll();
    expect(registry.get('a').state).toBe('closed');
    expect(registry.get('b').state).toBe('closed');
  });

  it('tell their changes of state', async () => {
    const { registry, fail } = scene();
    const changes: string[] = [];
    registry.on('state', ({ policy, from, to }) => changes.push(`${policy}: ${from} → ${to}`));
    await fail('a', 5);
    registry.resetAll();
    expect(changes).toEqual(['a: closed → open', 'a: open → closed']);
  });

  it('refuse a name that is none', async () => {
    const { registry } = scene();
    await expect(registry.protectedCall('', () => 5)).rejects.toThrow('service');
  });

  it('are given up by delete; calls under way go on', async () => {
    const { registry } = scene();
    const end = createDeferred<string>();
    const call = registry.protectedCall('a', () => end.promise);
    expect(registry.delete('a')).toBe(true);
    expect(registry.delete('a')).toBe(false);
    end.resolve('done');
    expect(await call).toBe('done');
    expect(registry.services()).toEqual([]);
  });
});

describe('a registry that is full', () => {
  it('gives up a breaker that is closed and was not used of late', async () => {
    const { registry, fail } = scene({ maxBreakers: 3 });
    await fail('open', 5);
    registry.get('idle');
    registry.get('busy');
    registry.get('new');
    expect(registry.services()).toEqual(['open', 'busy', 'new']);
    registry.get('busy');
    registry.get('newer');
    expect(registry.services()).toHaveLength(3);
    expect(registry.services()).toContain('open');
    expect(registry.snapshot().evicted).toBe(2);
  });

  it('never has more than its bound, whatever names come', async () => {
    const { registry, succeed } = scene({ maxBreakers: 10 });
    for (let name = 0; name < 500; name++) await succeed(`tenant-${name}`);
    expect(registry.services()).toHaveLength(10);
  });

  it('refuses a new service when every breaker is open', async () => {
    const { registry, fail } = scene({ maxBreakers: 2 });
    await fail('a', 5);
    await fail('b', 5);
    const call = registry.protectedCall('c', () => 5);
    await expect(call).rejects.toThrow(BreakerRegistryFullError);
    await expect(call).rejects.toMatchObject({ code: 'PERF_BREAKER_REGISTRY_FULL' });
  });
});

describe('an incident', () => {
  const healthy = async ({ succeed, clock }: ReturnType<typeof scene>): Promise<void> => {
    for (let second = 0; second < 60; second++) {
      for (const service of ['a', 'b', 'c']) await succeed(service, 5);
      clock.advance(1000);
    }
  };

  it('is told when services begin to fail together: which, with what, since when, how surely', async () => {
    const made = scene();
    await healthy(made);
    const { registry, clock, fail, succeed, incidents } = made;
    await fail('a', 2);
    clock.advance(500);
    await fail('b', 2);
    clock.advance(500);
    await fail('a', 3);
    await fail('b', 3, coded('ECONNRESET'));
    await succeed('c', 20);
    expect(incidents).toHaveLength(1);
    const [incident] = registry.incidents();
    expect(incident).toMatchObject({
      id: incidents[0]?.id,
      kind: 'connection',
      since: 60_000,
      services: [
        { name: 'a', failingFor: 1000, kind: 'connection', confidence: 1, recovered: false },
        { name: 'b', failingFor: 500, kind: 'connection', recovered: false },
      ],
    });
    expect(incident?.confidence).toBeGreaterThan(0.95);
    expect(incident?.services[1]?.confidence).toBeGreaterThan(0.95);
  });

  it('is told again, by the same id, when one more service fails with them', async () => {
    const made = scene();
    await healthy(made);
    const { clock, fail, incidents } = made;
    await fail('a', 5);
    await fail('b', 5);
    clock.advance(2000);
    await fail('c', 5);
    expect(incidents.map(({ services }) => services.map(({ name }) => name))).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
    expect(new Set(incidents.map(({ id }) => id)).size).toBe(1);
  });

  it('is not told again while nothing is new', async () => {
    const made = scene();
    await healthy(made);
    const { clock, fail, incidents, registry } = made;
    await fail('a', 5);
    await fail('b', 5);
    clock.advance(6000);
    await fail('a', 3);
    registry.get('c');
    registry.delete('c');
    expect(registry.get('a').state).toBe('open');
    expect(incidents).toHaveLength(1);
  });

  it('dates calls that timed out from when they began', async () => {
    const made = scene();
    await healthy(made);
    const { clock, registry, fail } = made;
    await fail('a', 5);
    clock.advance(30_000);
    await fail('b', 5, new TimeoutError('a call', 30_000));
    expect(registry.incidents()[0]?.services.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('is none when services fail minutes apart, or when one fails alone', async () => {
    const made = scene();
    await healthy(made);
    const { clock, fail, incidents, registry } = made;
    await fail('a', 5);
    clock.advance(120_000);
    await fail('b', 5, coded('ENOTFOUND'));
    expect(incidents).toEqual([]);
    expect(registry.incidents()).toEqual([]);
  });

  it('is not joined by a service that fails every half minute anyway', async () => {
    const made = scene({ defaults: { consecutiveFailures: 1000 } });
    await healthy(made);
    const { clock, fail, succeed, incidents } = made;
    for (let round = 0; round < 20; round++) {
      await fail('a', 6);
      clock.advance(5000);
      await succeed('a', 60);
      clock.advance(25_000);
    }
    await fail('a', 6, coded('ETIMEDOUT'));
    await fail('b', 6);
    await fail('c', 6);
    expect(incidents.map(({ services }) => services.map(({ name }) => name))).toEqual([['b', 'c']]);
  });

  it('goes on when a service relapses soon after its breaker closed by luck', async () => {
    const made = scene();
    await healthy(made);
    const { clock, fail, succeed, registry } = made;
    await fail('a', 5);
    await fail('b', 5);
    const [before] = registry.incidents();
    clock.advance(6000);
    await succeed('a', 3);
    clock.advance(1000);
    await fail('a', 5);
    const [after] = registry.incidents();
    expect(after).toMatchObject({ id: before?.id, since: before?.since });
    expect(after?.services.map(({ name, recovered }) => ({ name, recovered }))).toEqual([
      { name: 'a', recovered: false },
      { name: 'b', recovered: false },
    ]);
  });

  it('is resolved once all of its services work again', async () => {
    const made = scene();
    await healthy(made);
    const { clock, fail, succeed, incidents, resolved, registry } = made;
    await fail('a', 5);
    await fail('b', 5);
    clock.advance(6000);
    await succeed('a', 3);
    expect(registry.get('a').state).toBe('closed');
    expect(registry.incidents()[0]?.services.map(({ recovered }) => recovered)).toEqual([
      true,
      false,
    ]);
    expect(resolved).toEqual([]);
    await succeed('b', 3);
    expect(resolved).toEqual([incidents[0]?.id]);
    expect(registry.incidents()).toEqual([]);
  });

  it('is noticed without breakers that open, and without their probes that succeed', async () => {
    const made = scene({ defaults: { consecutiveFailures: 1000 } });
    await healthy(made);
    const { fail, succeed, registry } = made;
    await fail('a', 5);
    await fail('b', 5);
    expect(registry.incidents()).toHaveLength(1);
    await succeed('a', 30);
    await succeed('b', 30);
    expect(registry.incidents()).toEqual([]);
  });

  it('goes on being found when errorKind throws', async () => {
    const made = scene({
      errorKind: () => {
        throw new Error('broken');
      },
    });
    await healthy(made);
    const { fail, registry } = made;
    await fail('a', 5);
    await fail('b', 5);
    expect(registry.incidents()[0]?.kind).toBe('unknown');
  });
});

describe('the health of a service', () => {
  it('is unknown when it has no breaker, and good without calls', () => {
    const { registry } = scene();
    expect(registry.health('a')).toBeUndefined();
    expect(registry.services()).toEqual([]);
    registry.get('a');
    expect(registry.health('a')).toMatchObject({ status: 'healthy', score: 1, reasons: [] });
  });

  it('says why a service fails, since when, and with whom', async () => {
    const { registry, fail, succeed, clock } = scene();
    await succeed('a', 100);
    await succeed('b', 100);
    await succeed('c', 100);
    clock.advance(60_000);
    await fail('a', 5);
    await fail('b', 5);
    clock.advance(2000);
    const health = registry.health('a');
    expect(health).toMatchObject({
      service: 'a',
      status: 'failing',
      score: 0,
      state: 'open',
      failingFor: 2000,
      incident: 1,
    });
    expect(health?.reasons).toEqual([
      expect.stringMatching(/^its breaker is open for another \d+ ms$/),
      'it has been failing for 2000 ms, with connection',
      '23 % of the last calls failed',
      'it began to fail together with b',
    ]);
    expect(registry.healthAll().map(({ service, status }) => `${service} ${status}`)).toEqual([
      'a failing',
      'b failing',
      'c healthy',
    ]);
  });

  it('is degraded while some calls fail, and healthy again when they do not', async () => {
    const { registry, fail, succeed } = scene();
    await succeed('a', 50);
    for (let round = 0; round < 20; round++) {
      await fail('a', 1);
      await succeed('a', 4);
    }
    expect(registry.health('a')).toMatchObject({ status: 'degraded', state: 'closed' });
    await succeed('a', 200);
    expect(registry.health('a')).toMatchObject({ status: 'healthy', reasons: [] });
  });

  it('follows the breaker: isolated, trying, closed', async () => {
    const { registry, fail, succeed, clock } = scene();
    const isolation = registry.get('a').isolate();
    expect(registry.health('a')).toMatchObject({ status: 'failing', state: 'isolated', score: 0 });
    isolation.release();
    await fail('a', 5);
    clock.advance(6000);
    await succeed('a', 1);
    expect(registry.health('a')).toMatchObject({ status: 'degraded', state: 'half-open' });
    await succeed('a', 2);
    expect(registry.health('a')).toMatchObject({ status: 'healthy', state: 'closed' });
  });
});

describe('an option that is not right is refused with its name', () => {
  it.each([
    ['failureRate', { defaults: { failureRate: 2 } }],
    ['failureRate', { services: { a: { failureRate: Number.NaN } } }],
    ['breakerRegistry.services', { services: 5 }],
    ['breakerRegistry.maxBreakers', { maxBreakers: 0 }],
    ['breakerRegistry.maxBreakers', { maxBreakers: Infinity }],
    ['breakerRegistry.correlation.spread', { correlation: { spread: 0 } }],
    ['breakerRegistry.correlation.minConfidence', { correlation: { minConfidence: 0.4 } }],
    ['breakerRegistry.correlation.minConfidence', { correlation: { minConfidence: 1.1 } }],
    ['breakerRegistry.correlation', { correlation: { window: 5 } }],
    ['breakerRegistry.errorKind', { errorKind: 'code' }],
    ['breakerRegistry.name', { name: '' }],
    ['breakerRegistry.default', { default: {} }],
  ])('%s: %o', (option, options) => {
    expect(() => createBreakerRegistry(options as BreakerRegistryOptions)).toThrow(option);
  });
});
