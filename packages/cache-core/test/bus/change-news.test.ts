import { ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Announcer } from '../../src/bus/announcer.ts';
import { ChangeNews } from '../../src/bus/change-news.ts';
import { createBusHub, referenceBus, type BusHub, type ReferenceBus } from '../../src/testing.ts';

let hub: BusHub;
let bus: ReferenceBus;
let announcer: Announcer;
beforeEach(() => {
  const clock = new ManualClock();
  hub = createBusHub({ clock });
  bus = referenceBus({ hub });
  announcer = new Announcer(bus, { clock, onError: () => undefined });
});

const MEMBERS = [{ kind: 'tag', name: 'x' }] as const;

describe('the news of a change', () => {
  it('is none where there is no bus', async () => {
    const news = new ChangeNews({ announcer: undefined, byStore: false, byLedger: true });
    expect([await news.keys(['a'], 'applied'), await news.members(MEMBERS, 'queued')]).toEqual([
      'none',
      'none',
    ]);
  });

  it('is what became of the write where the store announces it', async () => {
    const news = new ChangeNews({ announcer, byStore: true, byLedger: true });
    expect([await news.keys(['a'], 'applied'), await news.keys(['a'], 'queued')]).toEqual([
      'sent',
      'queued',
    ]);
    expect(await news.members(MEMBERS, 'applied')).toBe('sent');
    expect(hub.messages).toEqual([]);
  });

  it('is published where no store does, whatever became of the write', async () => {
    const news = new ChangeNews({ announcer, byStore: false, byLedger: false });
    expect([await news.keys(['a'], 'queued'), await news.members(MEMBERS, 'applied')]).toEqual([
      'sent',
      'sent',
    ]);
    expect(hub.messages.map(({ text }) => text.split(' ')[1])).toEqual(['drop', 'void']);
    bus.fail(new Error('down'), { times: 2 });
    expect([await news.keys(['a'], 'applied'), await news.members(MEMBERS, 'applied')]).toEqual([
      'queued',
      'queued',
    ]);
  });

  it('of members is that of their bump where a ledger has them', async () => {
    const news = new ChangeNews({ announcer, byStore: false, byLedger: true });
    expect(await news.members(MEMBERS, 'queued')).toBe('queued');
    expect(hub.messages).toEqual([]);
  });
});
