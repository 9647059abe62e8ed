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

describe.skipIf(noRedis)(`${ALL} callers in ${PROCESSES} processes who want one key`, () => {
  const redis = useRedis();
  const programs = usePrograms();
  let herd: Herd;
  afterEach(() => herd.kill());

  const start = async (leaseWait: number): Promise<void> => {
    const options = { url: redis.server.url, prefix: freshPrefix(), leaseWait };
    herd = new Herd(programs().caller, PROCESSES, options);
    await eventually(() => {
      for (const { others } of herd.processes) expect(others).toBe(PROCESSES - 1);
    });
  };

  test('all get the value of one load', async () => {
    await start(20_000);
    herd.onLoad((from) => {
      void wait(200).then(() => from.send({ kind: 'loaded', value: 'value' }));
    });
    expect(await herd.ask('k', CALLERS_EACH)).toEqual({
      values: new Map([['value', ALL]]),
      rejected: 0,
    });
    expect(herd.loads).toHaveLength(1);
    expect(await herd.ask('k', 1)).toMatchObject({ values: new Map([['value', PROCESSES]]) });
    expect(herd.loads).toHaveLength(1);
    expect(await herd.close()).toEqual([]);
  });

  test('need one more load when who loads is killed', async () => {
    await start(1000);
    herd.onLoad((from, count) => {
      if (count === 1) void from.kill();
      else from.send({ kind: 'loaded', value: 'value' });
    });
    expect(await herd.ask('k', CALLERS_EACH)).toEqual({
      values: new Map([['value', ALL - CALLERS_EACH]]),
      rejected: 0,
    });
    expect(herd.loads).toHaveLength(2);
    expect(new Set(herd.loads).size).toBe(2);
    expect(await herd.close()).toEqual([]);
  });

  test('keep the value of who took over when the first one wakes up and finishes late', async () => {
    await start(1000);
    let release = (): void => undefined;
    herd.onLoad((from, count) => {
      if (count > 1) {
        from.send({ kind: 'loaded', value: 'new' });
        return;
      }
      from.stall(true);
      release = () => {
        from.send({ kind: 'loaded', value: 'late' });
        from.stall(false);
      };
    });
    const asked = herd.ask('k', CALLERS_EACH);
    await eventually(() => {
      expect(herd.loads).toHaveLength(2);
    });
    const [first, second] = herd.loads;
    const third = herd.processes.find((one) => one !== first && one !== second);
    await eventually(async () => {
      expect(await second?.get('k')).toBe('new');
    });
    release();
    expect((await asked).rejected).toBe(0);
    expect(herd.loads).toHaveLength(2);
    for (const one of [second, third]) expect(await one?.get('k')).toBe('new');
    expect(await herd.close()).toEqual([]);
  });

  test('all get the error of the load, no process loads twice, and nothing is kept of it', async () => {
    await start(20_000);
    herd.onLoad((from) => {
      void wait(50).then(() => from.send({ kind: 'loaded', value: undefined }));
    });
    expect(await herd.ask('k', CALLERS_EACH)).toEqual({ values: new Map(), rejected: ALL });
    expect(herd.loads.length).toBeLessThanOrEqual(PROCESSES);
    expect(new Set(herd.loads).size).toBe(herd.loads.length);
    const failed = herd.loads.length;
    herd.onLoad((from) => {
      from.send({ kind: 'loaded', value: 'value' });
    });
    expect((await herd.ask('k', CALLERS_EACH)).values).toEqual(new Map([['value', ALL]]));
    expect(herd.loads).toHaveLength(failed + 1);
    expect(await herd.close()).toEqual([]);
  });
});
