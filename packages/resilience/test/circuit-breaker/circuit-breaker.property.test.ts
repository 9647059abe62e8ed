import { createDeferred, type Deferred } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { circuitBreaker, type Isolation } from '../../src/circuit-breaker/circuit-breaker.ts';
import type { Verdict } from '../../src/execution/outcome.ts';
import { ReferenceBreaker, type ReferenceOptions } from './reference-breaker.ts';

const rates = fc.constantFrom(0.2, 0.5, 0.75, 1);
const window = fc.oneof(
  fc.record({ calls: fc.integer({ min: 3, max: 12 }) }),
  fc.record({ time: fc.constant(100), buckets: fc.constantFrom(1, 3, 10) }),
);
const options = fc
  .record({
    consecutiveFailures: fc.option(fc.integer({ min: 1, max: 6 }), { nil: Infinity }),
    failureRate: fc.option(rates, { nil: Infinity }),
    slow: fc.option(fc.record({ rate: rates, duration: fc.integer({ min: 5, max: 60 }) })),
    window,
    minimumThroughput: fc.integer({ min: 1, max: 3 }),
    openPeriod: fc.integer({ min: 10, max: 60 }),
    openPeriodFactor: fc.constantFrom(1, 2),
    extra: fc.integer({ min: 0, max: 200 }),
    probes: fc.integer({ min: 1, max: 4 }),
    optional: fc.integer({ min: 0, max: 3 }),
    probeTimeout: fc.integer({ min: 5, max: 80 }),
  })
  .map(({ slow, extra, optional, ...rest }): ReferenceOptions => ({
    ...rest,
    slowCallRate: slow?.rate ?? Infinity,
    slowCallDuration: slow?.duration ?? Infinity,
    maxOpenPeriod: rest.openPeriod + extra,
    successThreshold: Math.max(1, rest.probes - optional),
  }))
  .filter(
    ({ consecutiveFailures, failureRate, slowCallRate }) =>
      Math.min(consecutiveFailures, failureRate, slowCallRate) !== Infinity,
  );

const verdict = fc.constantFrom<Verdict>('success', 'failure', 'failure', 'ignore');
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('run' as const), verdict }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(60), verdict }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('advance' as const),
        by: fc.integer({ min: 1, max: 70 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('isolate' as const, 'release' as const, 'reset' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('jump' as const),
        to: fc.constantFrom(0, 1_000_000_000_000, 4_000_000_000_000),
      }),
    },
  ),
  { maxLength: 120 },
);

/** An option that is off for the model is absent for us. */
function given(value: number): number | undefined {
  return value === Infinity ? undefined : value;
}

function breakerOf(model: ReferenceOptions, clock: ManualClock): ReturnType<typeof circuitBreaker> {
  return circuitBreaker({
    ...model,
    clock,
    random: () => 0.5,
    openPeriodJitter: 0,
    consecutiveFailures: given(model.consecutiveFailures),
    failureRate: given(model.failureRate),
    slowCallRate: given(model.slowCallRate),
    slowCallDuration: given(model.slowCallDuration),
  });
}

test('a breaker does what the reference does under any schedule: late results, lost probes, the wall clock set', () => {
  fc.assert(
    fc.property(options, steps, (settings, script) => {
      const clock = new ManualClock();
      const breaker = breakerOf(settings, clock);
      const reference = new ReferenceBreaker(settings, clock.now());
      const reasons: string[] = [];
      breaker.on('state', ({ from, to, reason }) => reasons.push(`${from} → ${to}: ${reason}`));
      const permits: number[] = [];
      const settled = new Set<number>();
      let isolations: Isolation[] = [];
      const start = (): number => {
        const id = permits.length;
        const permit = breaker.tryAcquire();
        expect(permit > 0).toBe(reference.start(id, clock.now()));
        permits.push(permit);
        if (permit === 0) settled.add(id);
        return id;
      };
      const settle = (id: number, how: Verdict): void => {
        if (settled.has(id)) return;
        settled.add(id);
        reference.settle(id, how, clock.now());
        breaker[how](permits[id] as number);
      };
      for (const step of script) {
        if (step.kind === 'run') settle(start(), step.verdict);
        else if (step.kind === 'start') start();
        else if (step.kind === 'settle' && step.which < permits.length)
          settle(step.which, step.verdict);
        else if (step.kind === 'advance') clock.advance(step.by);
        else if (step.kind === 'jump') clock.setEpoch(step.to);
        else if (step.kind === 'isolate') {
          reference.isolate(clock.now());
          isolations.push(breaker.isolate());
        } else if (step.kind === 'release') {
          reference.release(clock.now());
          isolations.shift()?.release();
        } else if (step.kind === 'reset') {
          reference.reset(clock.now());
          breaker.reset();
          isolations = [];
        } else {
          reference.expireLate(clock.now());
          expect(breaker.snapshot().window).toMatchObject(reference.window(clock.now()));
        }
        expect(breaker.state).toBe(reference.state);
        expect(reasons).toEqual(reference.reasons);
      }
      expect(clock.pendingTimers).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('calls that are executed count as permits that are taken and given back', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async (settings, script) => {
      const clock = new ManualClock();
      const executed = breakerOf(settings, clock);
      const inline = breakerOf(settings, clock);
      const running: { call: Deferred<unknown>; permit: number; result: Promise<unknown> }[] = [];
      const settle = async (which: number, how: Verdict): Promise<void> => {
        const [one] = running.splice(which, 1);
        if (one === undefined) return;
        inline[how](one.permit);
        if (how === 'success') one.call.resolve(1);
        else
          one.call.reject(how === 'ignore' ? new DOMException('', 'AbortError') : new Error('x'));
        await one.result;
      };
      let hasOptions = false;
      const start = async (): Promise<void> => {
        const permit = inline.tryAcquire();
        const call = createDeferred<unknown>();
        let ran = false;
        hasOptions = !hasOptions;
        const result = executed.executeSafe(
          () => {
            ran = true;
            return call.promise;
          },
          hasOptions ? { priority: 1 } : undefined,
        );
        expect(ran).toBe(permit > 0);
        if (ran) running.push({ call, permit, result });
        else
          expect(await result).toMatchObject({ ok: false, error: { code: 'PERF_CIRCUIT_OPEN' } });
      };
      for (const step of script) {
        if (step.kind === 'start') await start();
        else if (step.kind === 'settle') await settle(step.which % 7, step.verdict);
        else if (step.kind === 'advance') clock.advance(step.by);
        else if (step.kind === 'run') {
          const before = running.length;
          await start();
          if (running.length > before) await settle(before, step.verdict);
        }
        expect(executed.snapshot()).toEqual(inline.snapshot());
      }
    }),
    { numRuns: 60 },
  );
});
