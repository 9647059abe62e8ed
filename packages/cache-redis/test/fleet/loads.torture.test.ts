import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { freshPrefix } from '../fixtures/stores.ts';
import { usePrograms } from './build-programs.ts';
import { eventually } from './caches.ts';
import { Herd } from './herd.ts';

const PROCESSES = 8;
const CALLERS_EACH = 125;
const ALL = PROCESSES * CALLERS_EACH;
/** Longer than a ticket stands that is not renewed, in milliseconds. */
const LONGER_THAN_A_TICKET = 11_500;

describe.skipIf(noRedis)(`${ALL} callers in ${PROCESSES} processes who want one key`, () => {
  const redis = useRedis();
  const programs = usePrograms();
  let herd: Herd;
  afterEach(() => herd.kill());

  test('all get the value of one load that takes longer than a ticket stands', async () => {
    const options = { url: redis.server.url, prefix: freshPrefix(), leaseWait: 20_000 };
    herd = new Herd(programs().caller, PROCESSES, options);
    await eventually(() => {
      for (const { others } of herd.processes) expect(others).toBe(PROCESSES - 1);
    });
    herd.onLoad((from) => {
      void wait(LONGER_THAN_A_TICKET).then(() => from.send({ kind: 'loaded', value: 'value' }));
    });
    expect((await herd.ask('k', CALLERS_EACH)).values).toEqual(new Map([['value', ALL]]));
    expect(herd.loads).toHaveLength(1);
    expect(await herd.close()).toEqual([]);
  });
});
