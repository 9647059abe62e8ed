import { seededRandom } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { aimd, vegas } from '../../src/index.ts';
import { exponential, simulate, steady, type SimulatedService } from './simulated-overload.ts';

const algorithm = () => vegas({ random: seededRandom(3) });
const load = { duration: 20_000, deadline: 200 };

const services: readonly [string, SimulatedService][] = [
  ['4 workers of steady speed', { workers: 4, workTime: steady(10) }],
  ['10 workers of steady speed', { workers: 10, workTime: steady(10) }],
  ['50 workers of steady speed', { workers: 50, workTime: steady(10) }],
  ['10 workers of changing speed', { workers: 10, workTime: exponential(10) }],
  ['50 workers of changing speed', { workers: 50, workTime: exponential(10) }],
  ['200 workers of changing speed', { workers: 200, workTime: exponential(10) }],
];

describe.each(services)('twice as many calls as %s can work on', (_, service) => {
  const capacity = service.workers / 10;
  const unloaded = simulate(undefined, {
    ...load,
    duration: 5000,
    service,
    arrivals: capacity * 0.3,
  });

  it('nearly all time out without a limit', () => {
    const { goodput } = simulate(undefined, {
      ...load,
      duration: 3000,
      service,
      arrivals: capacity * 2,
    });
    expect(goodput).toBeLessThan(capacity * 0.05);
  });

  it('with vegas, the service does at least 95 % of what it can, hardly slower than unloaded', () => {
    const { goodput, p99 } = simulate(algorithm(), { ...load, service, arrivals: capacity * 2 });
    expect(goodput).toBeGreaterThan(capacity * 0.95);
    expect(p99).toBeLessThan(unloaded.p99 * 2.5);
  });

  it('with aimd and a target, it does at least 90 %, at twice the target at most', () => {
    const { goodput, p50 } = simulate(aimd({ targetTime: 20, initialLimit: service.workers }), {
      ...load,
      service,
      arrivals: capacity * 2,
    });
    expect(goodput).toBeGreaterThan(capacity * 0.9);
    expect(p50).toBeLessThan(40);
  });
});

describe('vegas', () => {
  it('refuses next to nothing of what the service can work on', () => {
    const service = { workers: 20, workTime: exponential(10) };
    const { goodput } = simulate(algorithm(), { ...load, service, arrivals: 1 });
    expect(goodput).toBeGreaterThan(0.98);
  });

  it('keeps a service that becomes three times as slow, and quick again, busy', () => {
    const workTime = (now: number): number => (now > 20_000 && now < 40_000 ? 30 : 10);
    const service = { workers: 20, workTime };
    const { limits } = simulate(algorithm(), {
      duration: 60_000,
      deadline: 200,
      service,
      arrivals: 4,
    });
    const enough = limits.filter((limit) => limit >= 18).length;
    expect(enough / limits.length).toBeGreaterThan(0.9);
    expect(Math.max(...limits)).toBeLessThan(80);
  });
});
