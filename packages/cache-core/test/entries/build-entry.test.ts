import { ManualClock } from '@perf/core/testing';
import { expect, it } from 'vitest';
import type { CacheContext } from '../../src/context/cache-context.ts';
import { LoadTimes } from '../../src/context/load-times.ts';
import { resolveOptions } from '../../src/context/options.ts';
import { entryFromStore, newEntry, originNow } from '../../src/entries/build-entry.ts';
import { LocalLedger } from '../../src/invalidation/ledger.ts';
import { LocalTier } from '../../src/local/local-tier.ts';

it('entries have their fields in one order, whether they are new or from a store', () => {
  const clock = new ManualClock();
  const ledger = new LocalLedger(clock);
  const local = new LocalTier<string>({
    memory: undefined,
    ledger,
    clock,
    isolatedServe: 0,
    serveStale: 0,
    keepSpare: 0,
    slidingTtl: Infinity,
    touch: undefined,
    onError: () => undefined,
  });
  const context = {
    options: resolveOptions<string>({ clock }),
    clock,
    ledger,
    local,
    loadTimes: new LoadTimes(),
    random: () => 0,
  } as unknown as CacheContext<string>;

  const made = newEntry(context, 'v', { ttl: 1000, tags: ['t'] }, originNow(context, 7));
  const read = entryFromStore(
    context,
    {
      created: made.storedAt,
      freshUntil: made.storedAt + 1000,
      staleUntil: made.storedAt + 1000,
      ledgerId: made.ledgerId,
      asOf: made.asOf,
      tags: made.tags,
      nonce: 'n',
    },
    { bytes: new Uint8Array() },
    { epoch: 7, time: clock.now() },
  );
  expect(Object.keys(read)).toEqual(Object.keys(made));
  expect({ ...read, value: 'v', nonce: '', born: made.born }).toEqual(made);
});
