import { abortable, createDeferred } from '@perf/core';
import type { StoreCall, StoreNews } from '@perf/cache-core';
import { describe, expect, it } from 'vitest';
import { TurnGatherer } from '../../src/batching/turn-gatherer.ts';

function setup(isReady = true) {
  const sent: (readonly number[])[] = [];
  const gatherer = new TurnGatherer<number, string>({
    isReady: () => isReady,
    send: async (items) => {
      sent.push(items);
      return items.map((item) => `answer to ${item}`);
    },
  });
  return { gatherer, sent };
}

function callOf(news?: StoreNews): StoreCall & { readonly abort: (reason: Error) => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    ...(news === undefined ? {} : { news }),
    abort: (reason) => {
      controller.abort(reason);
    },
  };
}

describe('TurnGatherer', () => {
  it('sends the calls of one turn together, and answers each', async () => {
    const { gatherer, sent } = setup();
    const answers = await Promise.all([
      gatherer.add([1, 2], callOf()),
      gatherer.add([3], callOf()),
      gatherer.add([4, 5], callOf()),
    ]);
    expect(sent).toEqual([[1, 2, 3, 4, 5]]);
    expect(answers).toEqual([
      ['answer to 1', 'answer to 2'],
      ['answer to 3'],
      ['answer to 4', 'answer to 5'],
    ]);
  });

  it('sends at once when it is flushed, and nothing twice', async () => {
    const { gatherer, sent } = setup();
    const first = gatherer.add([1], callOf());
    gatherer.flush();
    expect(sent).toEqual([[1]]);
    const second = gatherer.add([2], callOf());
    await Promise.all([first, second]);
    expect(sent).toEqual([[1], [2]]);
  });

  it('does not send what was given up, and rejects it with the reason', async () => {
    const { gatherer, sent } = setup();
    const why = new Error('too late');
    const given = callOf();
    const [one, two] = [gatherer.add([1], given), gatherer.add([2], callOf())];
    given.abort(why);
    await expect(one).rejects.toBe(why);
    expect(await two).toEqual(['answer to 2']);
    expect(sent).toEqual([[2]]);
  });

  it('keeps those apart whose news are told by others', async () => {
    const { gatherer, sent } = setup();
    const news = {} as StoreNews;
    await Promise.all([
      gatherer.add([1], callOf(news)),
      gatherer.add([2], callOf(news)),
      gatherer.add([3], callOf()),
      gatherer.add([4], callOf(news)),
    ]);
    expect(sent).toEqual([[1, 2], [3], [4]]);
  });

  it('keeps all apart while there is no connection', async () => {
    const { gatherer, sent } = setup(false);
    await Promise.all([gatherer.add([1], callOf()), gatherer.add([2], callOf())]);
    expect(sent).toEqual([[1], [2]]);
  });

  it('rejects all that were sent together when that fails', async () => {
    const answer = createDeferred<readonly string[]>();
    const gatherer = new TurnGatherer<number, string>({
      isReady: () => true,
      send: () => answer.promise,
    });
    const settled = Promise.allSettled([gatherer.add([1], callOf()), gatherer.add([2], callOf())]);
    const why = new Error('lost');
    answer.reject(why);
    expect(await settled).toEqual([
      { status: 'rejected', reason: why },
      { status: 'rejected', reason: why },
    ]);
  });

  it('makes no warning of many batches that are under way', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', warn);
    const over = createDeferred();
    const gatherer = new TurnGatherer<number, number>({
      isReady: () => true,
      send: async (items, { signal }) => {
        await abortable(over.promise, signal);
        return items;
      },
    });
    const answers: Promise<unknown>[] = [];
    for (let batch = 0; batch < 20; batch++) {
      answers.push(gatherer.add([1], callOf()), gatherer.add([2], callOf()));
      gatherer.flush();
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    over.resolve();
    await Promise.all(answers);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});
