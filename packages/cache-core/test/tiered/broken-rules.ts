import { vi } from 'vitest';
import { BusMember } from '../../src/bus/bus-member.ts';
import { Peer } from '../../src/bus/peer.ts';
import { Peers } from '../../src/bus/peers.ts';
import type { InvalidationBus } from '../../src/index.ts';
import { Fences } from '../../src/invalidation/fences.ts';
import { EpochStamp } from '../../src/stores/ledger/epoch-stamp.ts';
import { Journal } from '../../src/stores/invalidations/journal.ts';
import { SharedLedger } from '../../src/stores/ledger/shared-ledger.ts';
import type { ReferenceBus } from '../../src/testing.ts';
import { alter, type Alteration } from './faulty-stores.ts';
import type { WorldOptions } from './fleet-instance.ts';

/** Breaks one mechanism of everything that is made from now on, until mocks are restored. */
export type BreakRule = () => Partial<WorldOptions> | void;

/** A bus that answers its cache's beats by itself: it seems to be heard whatever happens. */
function echoing(bus: ReferenceBus): InvalidationBus {
  let tell: (message: string) => void = () => undefined;
  const isBeat = (message: string): boolean => message.startsWith('1 beat');
  return {
    name: bus.name,
    medium: bus.medium,
    channel: bus.channel,
    open(listener) {
      tell = (message) => {
        listener.onMessage(message);
      };
      bus.open(listener);
    },
    async publish(message, call) {
      if (isBeat(message)) tell(message);
      await bus.publish(message, call);
    },
    reconnect: () => {
      bus.reconnect?.();
    },
    close: () => bus.close(),
  };
}

/** Publishes that keys have changed, and deletes them a little later. */
const announceFirst: Alteration = (store, { clock }, hub) =>
  alter(store, {
    async deleteMany(keys, { news, signal }) {
      if (news !== undefined) hub.publish(news.channel, news.drop(keys));
      await new Promise<void>((resolve) => {
        clock.setTimer(resolve, 5);
      });
      return store.deleteMany(keys, { signal });
    },
  });

/** Each has to be noticed by the checker. */
export const BROKEN_RULES = {
  'a missing number is no gap': () => {
    vi.spyOn(Peer.prototype, 'missingSince', 'get').mockReturnValue(undefined);
  },
  'the silence of others is no gap': () => {
    vi.spyOn(Peers.prototype, 'check').mockReturnValue(true);
    vi.spyOn(Peers.prototype, 'trustedUntil').mockReturnValue(Infinity);
  },
  'its own silence is no gap': () => ({ alterBus: echoing }),
  'memory serves while nothing is heard': () => {
    vi.spyOn(BusMember.prototype, 'trustedUntil', 'get').mockReturnValue(Infinity);
  },
  'a gap does not move the epoch': () => {
    vi.spyOn(SharedLedger.prototype, 'onGap').mockImplementation(function readOnly(
      this: SharedLedger,
    ) {
      void this.refresh();
    });
  },
  'memory serves while facts are missing': () => {
    vi.spyOn(SharedLedger.prototype, 'onPosition').mockReturnValue(undefined);
    vi.spyOn(SharedLedger.prototype, 'onBump').mockImplementation(function mergeOnly(
      this: SharedLedger,
      members,
      reply,
    ) {
      this.replica.mergeBump(members, reply);
    });
  },
  'what is heard of outdates nothing': () => {
    vi.spyOn(Fences.prototype, 'outdate').mockReturnValue(undefined);
  },
  'nothing is severed': () => ({ severs: false }),
  'what was confirmed is not repeated': () => {
    vi.spyOn(Journal.prototype, 'recent').mockReturnValue([]);
  },
  'the stamp of a narrow store is ignored': () => {
    const stampBytes = new EpochStamp().seal(new Uint8Array(), 0).length;
    vi.spyOn(EpochStamp.prototype, 'open').mockImplementation((sealed) => {
      const unstamped = { bytes: sealed.subarray(0, -stampBytes) };
      return unstamped as ReturnType<EpochStamp['open']>;
    });
  },
  'others hear of it before it is written': () => ({ alter: announceFirst }),
} as const satisfies Record<string, BreakRule>;
