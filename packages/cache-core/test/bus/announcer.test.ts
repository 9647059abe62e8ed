import { ManualClock, settle } from '@perf/core/testing';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Announcer, type OpenNews } from '../../src/bus/announcer.ts';
import { createBusHub, referenceBus, type BusHub, type ReferenceBus } from '../../src/testing.ts';

let clock: ManualClock;
let hub: BusHub;
let bus: ReferenceBus;
let errors: unknown[];
let announcer: Announcer;
beforeEach(() => {
  clock = new ManualClock();
  hub = createBusHub({ clock });
  bus = referenceBus({ hub });
  errors = [];
  announcer = new Announcer(bus, { clock, onError: (error) => errors.push(error) });
});

/** What was published, without the version and the name. */
function published(): string[] {
  return hub.messages.map(({ text }) => text.replace(`1 `, '').replace(` ${announcer.name}`, ''));
}

describe('what an instance announces', () => {
  it('is numbered from 1, by itself and through its stores together', async () => {
    expect(await announcer.drop(['a', 'b'])).toBe('sent');
    const { news, end } = announcer.news();
    expect(news.drop(['c'])).toBe(`1 drop ${announcer.name} 2 ["c"]`);
    end();
    expect(await announcer.void([{ kind: 'tag', name: 'x' }])).toBe('sent');
    expect(published()).toEqual(['drop 1 ["a","b"]', 'void 3 [["tag","x"]]']);
  });

  it('is parted into messages of 500 keys', async () => {
    await announcer.drop(Array.from({ length: 1001 }, (_, index) => `${index}`));
    const keys = published().map((text) => (JSON.parse(text.slice('drop 1 '.length)) as []).length);
    expect(keys).toEqual([500, 500, 1]);
    expect(announcer.published).toBe(3);
  });

  it('needs no number for bumps and ends of loads, which are found out about otherwise', () => {
    const { news, end } = announcer.news();
    expect(news.ended(['t'])).toBe(`1 ended ${announcer.name} ["t"]`);
    expect(news.bump([{ kind: 'all', name: '' }])).toEqual({
      before: `1 bump ${announcer.name} `,
      after: ' [["all",""]]',
    });
    announcer.bump([{ kind: 'soft', name: 'x' }], { id: 'i', prev: 1, seq: 2 });
    end();
    expect(published()).toEqual(['bump i 1 2 [["soft","x"]]']);
    expect(announcer.published).toBe(0);
  });

  it('that the medium refuses is queued, told, and counts as published', async () => {
    const failure = new Error('down');
    bus.fail(failure);
    expect(await announcer.drop(['a'])).toBe('queued');
    expect([errors, announcer.published]).toEqual([[failure], 1]);
  });

  it('that the medium does not answer is given up after a second', async () => {
    bus.publish = () => new Promise(() => undefined);
    const dropping = announcer.drop(['a']);
    await clock.advanceAsync(999);
    expect(announcer.published).toBe(0);
    await clock.advanceAsync(1);
    expect(await dropping).toBe('queued');
    expect([announcer.published, clock.pendingTimers, errors.length]).toEqual([1, 0, 1]);
  });
});

it('what it says to have published never passes a number whose publication is not over', () => {
  const step = fc.oneof(fc.constant('begin' as const), fc.constant('take' as const), fc.nat(4));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const some = new Announcer(bus, { clock, onError: () => undefined });
      const open: { readonly call: OpenNews; readonly numbers: number[] }[] = [];
      let taken = 0;
      for (const one of steps) {
        if (one === 'begin') open.push({ call: some.news(), numbers: [] });
        else if (one === 'take') {
          const last = open.at(-1);
          if (last !== undefined) {
            last.call.news.drop(['k']);
            last.numbers.push(++taken);
          }
        } else open.splice(one, 1)[0]?.call.end();
        const underWay = open.flatMap(({ numbers }) => numbers);
        expect(some.published).toBe(Math.min(taken, ...underWay.map((number) => number - 1)));
      }
    }),
  );
});

it('a message that comes late through a store that has given up is published all the same', async () => {
  const { news, end } = announcer.news();
  const late = news.drop(['a']);
  end();
  await settle();
  hub.publish(news.channel, late);
  expect([announcer.published, published()]).toEqual([1, ['drop 1 ["a"]']]);
});
