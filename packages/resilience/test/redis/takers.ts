import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';
import type { RedisRateLimiterOptions } from '../../src/redis.ts';

/** What a process is to do. */
export interface TakerOrder {
  readonly url: string;
  readonly options: Omit<RedisRateLimiterOptions, 'client'>;
  /** In milliseconds. */
  readonly duration: number;
  /** How many takes it has under way. */
  readonly together: number;
}

/** What came of it. */
export interface TakerReport {
  /** When what was admitted was asked for, by the clock that all processes of this host share. */
  readonly times: readonly number[];
  readonly steps: number;
  readonly withoutRedis: number;
}

const packageFolder = path.resolve(import.meta.dirname, '../..');
/** Under node_modules, where the program finds ioredis. */
const buildFolder = path.join(packageFolder, 'node_modules', '.test-programs');

/** Runs so many processes side by side, which begin at once. */
export async function runTakers(count: number, order: TakerOrder): Promise<TakerReport[]> {
  mkdirSync(buildFolder, { recursive: true });
  const folder = mkdtempSync(path.join(buildFolder, 'build-'));
  try {
    await build({
      input: { taker: path.join(import.meta.dirname, 'programs/taker.ts') },
      platform: 'node',
      logLevel: 'warn',
      external: ['ioredis'],
      resolve: { conditionNames: ['@perf/source', 'import', 'node', 'default'] },
      output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs' },
    });
    const children = Array.from({ length: count }, () =>
      fork(path.join(folder, 'taker.mjs'), [JSON.stringify(order)], { execArgv: [] }),
    );
    await Promise.all(children.map((child) => once(child, 'message')));
    const reports = children.map(async (child) => {
      const [report] = (await once(child, 'message')) as [TakerReport];
      return report;
    });
    for (const child of children) child.send('go');
    return await Promise.all(reports);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
