/**
 * One process of a fleet: a tiered cache on Redis with a bus, in front of a truth that the parent keeps. It
 * reads, writes and invalidates at random, and tells what it saw and when.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createCache } from '@perf/cache-core';
import { seededRandom } from '@perf/core/testing';
import { redisBus, redisStore } from '../../../src/index.ts';
import { keyNames } from '../keys.ts';
import type { FromMember, MemberOptions, ToMember } from '../messages.ts';
import { Notes } from './notes.ts';
import { Operations } from './operations.ts';
import { Orders } from './orders.ts';
import { sabotaged } from './sabotage.ts';
import { Truth, type Versioned } from './truth-client.ts';
import { Workload } from './workload.ts';

const TELL_EVERY = 100;
/** How many keys are read at once at the end. */
const PAGE = 50;

const options = JSON.parse(process.argv[2] ?? '{}') as MemberOptions;
const { prefix, load, serve, keep } = options;
const keys = keyNames(options.keys);

const store = redisStore({ ...options.store, prefix });
const bus = redisBus({ ...options.bus, prefix });
const parts = sabotaged({ store, bus }, options.sabotage, { source: options.store, prefix });
const cache = createCache<Versioned>({
  name: options.name,
  stores: [parts.store],
  bus: parts.bus,
  memory: { maxEntries: Math.ceil(options.keys * 0.8) },
  ttl: '1h',
  staleWhileRevalidate: keep,
  isolated: { serve },
  leaseWait: '1s',
  loadTimeout: { hard: '10s' },
  storeTimeout: options.storeTimeout,
});
const notes = new Notes(() => cache.stats().tiers.at(-1)?.pending ?? 0);
const truth = new Truth();
const operations = new Operations({ cache, truth, notes, keys });
const random = seededRandom(options.seed);
const workload =
  load && new Workload({ operations, notes, keys, load, slot: options.slot, random });
const orders = new Orders({
  operations,
  notes,
  keys,
  join,
  tell(message) {
    // It may be killed as soon as it has said that it is done.
    tell();
    send(message);
  },
});

process.on('unhandledRejection', (reason) => {
  notes.failures.push(`unhandled rejection: ${String(reason)}`);
});
cache.on('store', ({ available }) => {
  notes.isolated(!available);
});
store.on('replaced', () => {
  notes.replaced();
});

const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();
const telling = setInterval(tell, TELL_EVERY);
const settling = setInterval(() => {
  notes.settle();
}, 10);

function tell(): void {
  // Less what the histogram takes a timer of its own to be late by anyway.
  const most = Math.max(0, loop.max / 1e6 - 5);
  loop.reset();
  send({ kind: 'seen', seen: notes.take(most) });
}

function send(message: FromMember): void {
  process.send?.(message);
}

process.on('message', (message: ToMember) => {
  if (message.kind === 'answer') truth.answered(message);
  else if (message.kind === 'order') void orders.obey(message.id, message.order);
  else if (message.kind === 'let go') orders.letGo(message.id);
  else if (message.kind === 'rest') void rest();
  else void sweep();
});
process.on('disconnect', () => {
  process.exit();
});

/** One gap when the bus is connected, and one more when all who live have had the time to be heard. */
async function join(): Promise<void> {
  for (;;) {
    const { bus: heard } = await cache.health();
    if ((heard?.others ?? 0) > 0 && cache.stats().gaps >= 2) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

async function rest(): Promise<void> {
  await workload?.stop();
  await notes.settled();
  send({ kind: 'quiet', pending: cache.stats().tiers.at(-1)?.pending ?? 0 });
}

/** Every key, from memory and by a load; then the end, which nothing may hold up. */
async function sweep(): Promise<void> {
  for (let from = 0; from < keys.count; from += PAGE) {
    const page = Array.from({ length: Math.min(PAGE, keys.count - from) }, (_, n) => from + n);
    await operations.get(page);
    const some = page.filter((key) => key % 8 === 0);
    await Promise.all(some.map((key) => operations.load(key, () => Promise.resolve())));
  }
  const { loads, hitRate, gaps, tiers } = cache.stats();
  const errors = tiers.at(-1)?.errors ?? 0;
  const { operations: done, longest, failures } = notes;
  await cache.close();
  clearInterval(settling);
  clearInterval(telling);
  loop.disable();
  tell();
  process.send?.(
    {
      kind: 'swept',
      summary: { operations: done, longest, failures, loads, hitRate, gaps, errors },
    },
    () => {
      process.removeAllListeners('disconnect');
      process.disconnect();
    },
  );
}

send({ kind: 'ready' });
workload?.start();
