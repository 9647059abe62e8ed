import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { TurnBatcher } from '../../../src/stores/batching/turn-batcher.ts';

function setup(): {
  batcher: TurnBatcher<string, string | undefined>;
  sent: (readonly string[])[];
} {
  const sent: (readonly string[])[] = [];
  const batcher = new TurnBatcher<string, string | undefined>(async (items) => {
    sent.push(items);
    return items.map((item) => (item === 'lost' ? undefined : `answer to ${item}`));
  });
  return { batcher, sent };
}

describe('a turn batcher', () => {
  it('sends together what is asked for in one turn, behind all promises that are settled', async () => {
    const { batcher, sent } = setup();
    const late = Promise.resolve()
      .then(() => undefined)
      .then(() => batcher.add('b'));
    expect(await batcher.add('a')).toBe('answer to a');
    expect(await late).toBe('answer to b');
    expect(sent).toEqual([['a', 'b']]);
  });

  it('does not wait for the event loop', async () => {
    const { batcher } = setup();
    const order: string[] = [];
    setImmediate(() => order.push('loop'));
    await batcher.add('a');
    order.push('answer');
    await settle();
    expect(order).toEqual(['answer', 'loop']);
  });

  it('rejects all that were sent together when not each of them is answered', async () => {
    const batcher = new TurnBatcher<string, string>((items) => Promise.resolve(items.slice(1)));
    const outcomes = await Promise.allSettled([batcher.add('a'), batcher.add('b')]);
    const reason = { message: '2 items were sent, 1 were answered' };
    expect(outcomes).toMatchObject([{ reason }, { reason }]);
  });

  it('answers each by its place, the lost ones with nothing', async () => {
    const { batcher } = setup();
    const answers = await Promise.all(['a', 'lost', 'a'].map((item) => batcher.add(item)));
    expect(answers).toEqual(['answer to a', undefined, 'answer to a']);
  });

  it('sends what comes while a batch is under way as the next one', async () => {
    const { batcher, sent } = setup();
    await batcher.add('a');
    await batcher.add('b');
    expect(sent).toEqual([['a'], ['b']]);
  });

  it('rejects all that were sent together when sending fails, at once or later, and goes on', async () => {
    let failing: 'now' | 'later' | 'no' = 'now';
    const batcher = new TurnBatcher<string, string | undefined>((items) => {
      if (failing === 'now') throw new Error('now');
      return failing === 'later' ? Promise.reject(new Error('later')) : Promise.resolve(items);
    });
    for (const when of ['now', 'later'] as const) {
      failing = when;
      const outcomes = await Promise.allSettled([batcher.add('a'), batcher.add('b')]);
      expect(outcomes).toMatchObject([
        { reason: { message: when } },
        { reason: { message: when } },
      ]);
    }
    failing = 'no';
    expect(await batcher.add('a')).toBe('a');
  });
});
