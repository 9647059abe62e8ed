import { describe, expect, it, vi } from 'vitest';
import type { BusListener, InvalidationBus } from '../../src/index.ts';
import {
  createBusHub,
  describeInvalidationBus,
  invalidationBusChecks,
  referenceBus,
  runBusCheck,
  type BusHub,
  type BusSubject,
  type ReferenceBus,
} from '../../src/testing.ts';
import { altered } from './alterations/alteration.ts';

type Alter = (bus: ReferenceBus, hub: BusHub) => Partial<InvalidationBus>;

/** Buses that break one rule each; what the suite says in place of waiting for what never comes. */
const ALTERATIONS: { readonly [Breaks: string]: Alter } = {
  'its own messages': (bus) => {
    const own = new Set<string>();
    return {
      publish: (message, call) => {
        own.add(message);
        return bus.publish(message, call);
      },
      open: (listener) => {
        bus.open({
          ...told(listener),
          onMessage: (message) => {
            if (!own.delete(message)) listener.onMessage(message);
          },
        });
      },
    };
  },
  'once-only': (bus) => ({
    open: (listener) => {
      bus.open({
        ...told(listener),
        onMessage: (message) => {
          listener.onMessage(message);
          listener.onMessage(message);
        },
      });
    },
  }),
  'the order': (bus) => {
    let kept: string | undefined;
    return {
      open: (listener) => {
        bus.open({
          ...told(listener),
          onMessage: (message) => {
            if (message === '7') kept = message;
            else listener.onMessage(message);
            if (message === '8' && kept !== undefined) listener.onMessage(kept);
          },
        });
      },
    };
  },
  'the content': (bus) => ({
    publish: (message, call) => bus.publish(message.replaceAll('\0', ''), call),
  }),
  'the channel’s bounds': (bus, hub) => ({
    publish: async (message) => {
      hub.publish('a', message);
      hub.publish('b', message);
    },
    channel: bus.channel,
  }),
  'the same channel': () => ({ channel: `${Math.random()}` }),
  'the silence of who has not opened': (bus) => {
    let open = false;
    return {
      open: (listener) => {
        open = true;
        bus.open(listener);
      },
      publish: async (message, call) => {
        if (open) await bus.publish(message, call);
      },
    };
  },
  'the news of a connection': (bus) => ({
    open: (listener) => {
      bus.open({ ...told(listener), onConnected: () => undefined });
    },
  }),
  reconnect: () => ({ reconnect: () => undefined }),
  'the news of a loss': (bus) => ({
    open: (listener) => {
      bus.open({ ...told(listener), onDisconnected: () => undefined });
    },
  }),
  'the deadline': (bus) => ({
    publish: (message) => bus.publish(message, { signal: new AbortController().signal }),
  }),
  'the silence after close': () => ({ close: () => Promise.resolve() }),
  'the idempotence of close': (bus) => {
    let closed = false;
    return {
      close: () => {
        if (closed) return Promise.reject(new Error('closed already'));
        closed = true;
        return bus.close();
      },
    };
  },
  'the end of a publication': (bus) => ({
    publish: (message, call) => bus.publish(message, call).catch(() => undefined),
  }),
};

/** The methods as they are. */
function told(listener: BusListener): BusListener {
  return {
    onMessage: (message) => listener.onMessage(message),
    onConnected: () => listener.onConnected(),
    onDisconnected: () => listener.onDisconnected(),
  };
}

function subjectOf(alter: Alter = () => ({})): BusSubject {
  const hub = createBusHub();
  const buses: ReferenceBus[] = [];
  const open = (channel: string): InvalidationBus => {
    const bus = referenceBus({ hub, channel });
    buses.push(bus);
    return altered<InvalidationBus>(bus, alter(bus, hub));
  };
  const bus = open('a');
  return {
    bus,
    second: () => open('a'),
    elsewhere: () => open('b'),
    unreachable: () => {
      const cut = open('a');
      buses.at(-1)?.cut();
      return cut;
    },
    cut: () => buses[0]?.cut(),
    restore: () => buses[0]?.restore(),
    cleanup: async () => {
      await Promise.all(buses.map((one) => one.close()));
    },
  };
}

const TRAITS = { cut: true, unreachable: true };

describeInvalidationBus('referenceBus', subjectOf, { describe, it, ...TRAITS });

describe('the checks of a bus', () => {
  const failed = new Set<string>();

  it.each(Object.entries(ALTERATIONS))('notice one that breaks %s', async (_, alter) => {
    let noticed = 0;
    // Not twenty seconds for what never comes.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      for (const check of invalidationBusChecks(TRAITS)) {
        const running = runBusCheck(check, () => subjectOf(alter)).catch(() => {
          failed.add(check.title);
          noticed++;
        });
        const state = { ended: false };
        void running.finally(() => {
          state.ended = true;
        });
        while (!state.ended) await vi.advanceTimersByTimeAsync(1000);
      }
    } finally {
      vi.useRealTimers();
    }
    expect(noticed).toBeGreaterThan(0);
  });

  it('can all fail', () => {
    const titles = invalidationBusChecks(TRAITS).map(({ title }) => title);
    expect(titles.filter((title) => !failed.has(title))).toEqual([]);
  });

  it('are fewer for a bus that cannot be cut', () => {
    expect(invalidationBusChecks().length).toBe(invalidationBusChecks(TRAITS).length - 2);
  });
});
