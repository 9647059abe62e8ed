import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { createCache } from '@perf/cache-core';
import { sqliteStore } from '@perf/cache-sqlite';
import { serveActor } from '../../harness/actor.ts';
import type { LockInput } from './lock.ts';

interface Database {
  exec(text: string): unknown;
  close(): void;
}

function open({ file }: LockInput) {
  return {
    /** Makes a cache in the file and uses it for the time. @returns the longest turn of the loop, in ms */
    async longestTurn(duration: number): Promise<number> {
      const cache = createCache<string>({ ttl: '1h', stores: [sqliteStore({ path: file })] });
      await cache.set('ready', 'yes');
      const end = performance.now() + duration;
      const lane = async (number: number): Promise<void> => {
        for (let index = 0; performance.now() < end; index++) {
          await cache.set(`${number}:${index % 50}`, 'value');
          await cache.get(`absent:${number}:${index}`);
          await wait(1);
        }
      };
      const lanes = Promise.all(Array.from({ length: 8 }, (_, number) => lane(number)));
      let longest = 0;
      for (let before = performance.now(); before < end;) {
        await turn();
        const now = performance.now();
        longest = Math.max(longest, now - before);
        before = now;
      }
      await lanes;
      await cache.close();
      return longest;
    },
    /** Holds the lock to write for the time, as another process on the file. */
    async holdLock(duration: number): Promise<void> {
      const specifier: string = 'better-sqlite3';
      const { default: Driver } = (await import(specifier)) as {
        readonly default: new (path: string) => Database;
      };
      const database = new Driver(file);
      database.exec('BEGIN EXCLUSIVE');
      await wait(duration);
      database.exec('COMMIT');
      database.close();
    },
  };
}

serveActor(open);
