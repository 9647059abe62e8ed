import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { Admission } from '../../src/admission/admission.ts';

interface Setup {
  readonly clock: ManualClock;
  readonly admission: Admission<number>;
  /** Puts one to what is ready. */
  readonly stock: (grant: number) => void;
  /** How often nobody waited any longer. */
  readonly unwanted: () => number;
}

function setUp(limit = 1, maxQueue = 10): Setup {
  const clock = new ManualClock();
  const ready: number[] = [];
  let unwanted = 0;
  const admission = new Admission<number>(
    { name: 'p', clock, limit, maxQueue, acquireTimeout: 50 },
    {
      take: () => ready.pop(),
      wanted: () => false,
      trouble: () => undefined,
      unwanted: () => {
        unwanted++;
      },
    },
  );
  return {
    clock,
    admission,
    stock: (grant) => {
      ready.push(grant);
      admission.pump();
    },
    unwanted: () => unwanted,
  };
}

describe('an exchange', () => {
  test('comes before all others, whatever the queue holds, and counts as one acquire', async () => {
    const { admission, stock } = setUp(1, 1);
    stock(1);
    expect(await admission.acquire()).toBe(1);
    const order: string[] = [];
    const other = admission.acquire({ priority: 9 }).then((grant) => {
      order.push(`other ${grant}`);
    });
    const exchanged = admission.exchange(0, 50, undefined).then((grant) => {
      order.push(`exchanged ${grant}`);
      admission.release();
    });
    expect(admission).toMatchObject({ active: 0, waiting: 2, acquired: 1, released: 0 });
    stock(2);
    await exchanged;
    stock(3);
    await other;
    expect(order).toEqual(['exchanged 2', 'other 3']);
    expect(admission).toMatchObject({ active: 1, waiting: 0, acquired: 2, released: 1 });
    expect(admission.acquireTimes.read().count).toBe(2);
  });

  test('gives the place to another while there is nothing for itself', async () => {
    const { admission, stock } = setUp(2);
    stock(1);
    await admission.acquire();
    const exchanged = admission.exchange(0, 50, undefined);
    expect(admission).toMatchObject({ active: 0, waiting: 1 });
    stock(2);
    expect(await exchanged).toBe(2);
  });

  test.each<[string, (setup: Setup, controller: AbortController) => void, object, object]>([
    [
      'is late',
      ({ clock }) => {
        clock.advance(50);
      },
      { code: 'PERF_POOL_ACQUIRE_TIMEOUT', waited: 50 },
      { timeouts: 1 },
    ],
    [
      'is aborted',
      (_, controller) => {
        controller.abort(new Error('gone'));
      },
      { message: 'gone' },
      { aborted: 1 },
    ],
    [
      'meets the end of the pool',
      ({ admission }) => {
        admission.close();
      },
      { code: 'PERF_POOL_CLOSED' },
      { rejected: 1 },
    ],
  ])('that %s leaves the first one released', async (_, end, error, counts) => {
    const setup = setUp();
    const { admission, stock } = setup;
    stock(1);
    await admission.acquire();
    const controller = new AbortController();
    const exchanged = admission.exchange(0, 50, controller.signal);
    end(setup, controller);
    await expect(exchanged).rejects.toMatchObject(error);
    expect(admission).toMatchObject({ active: 0, waiting: 0, acquired: 1, released: 1, ...counts });
  });

  test.each<[string, number]>([
    ['whose time is over', 0],
    ['of a pool that is closed', 50],
  ])('%s is refused, and an idle pool says so', async (_, due) => {
    const { admission, stock } = setUp();
    stock(1);
    await admission.acquire();
    if (due > 0) admission.close();
    const exchanged = admission.exchange(0, due, undefined);
    await expect(exchanged).rejects.toMatchObject({ pool: 'p' });
    admission.close();
    await admission.idle();
    expect(admission).toMatchObject({ active: 0, acquired: 1, released: 1 });
  });
});

test('the supply is told when nobody waits any longer: granted, late or gone', async () => {
  const { admission, clock, stock, unwanted } = setUp();
  const controller = new AbortController();
  const waits = [
    admission.acquire(),
    admission.acquire({ timeout: 10 }),
    admission.acquire({ signal: controller.signal }),
  ];
  const outcomes = Promise.allSettled(waits);
  stock(1);
  clock.advance(10);
  expect(unwanted()).toBe(0);
  controller.abort();
  expect(unwanted()).toBe(1);
  await outcomes;
  const last = admission.acquire();
  admission.release();
  stock(2);
  expect(unwanted()).toBe(2);
  await last;
  await settle();
});
