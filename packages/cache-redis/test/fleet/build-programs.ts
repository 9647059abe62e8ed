import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';
import { afterAll, beforeAll } from 'vitest';
import { noRedis } from '../fixtures/redis.ts';

const packageFolder = path.resolve(import.meta.dirname, '../..');
const sources = path.join(import.meta.dirname, 'programs');
/** Under node_modules, where the programs find ioredis. */
const buildFolder = path.join(packageFolder, 'node_modules', '.test-programs');

/** Our sources as plain programs, for processes of their own, which cannot run TypeScript. */
export interface Programs extends Disposable {
  readonly member: string;
  readonly caller: string;
}

/** The programs for the tests of a file. */
export function usePrograms(): () => Programs {
  let programs: Programs | undefined;
  beforeAll(async () => {
    if (!noRedis) programs = await buildPrograms();
  });
  afterAll(() => programs?.[Symbol.dispose]());
  return () => {
    if (programs === undefined) throw new Error('the programs have not been built');
    return programs;
  };
}

export async function buildPrograms(): Promise<Programs> {
  mkdirSync(buildFolder, { recursive: true });
  const folder = mkdtempSync(path.join(buildFolder, 'build-'));
  await build({
    input: {
      member: path.join(sources, 'member.ts'),
      caller: path.join(sources, 'caller.ts'),
    },
    platform: 'node',
    logLevel: 'warn',
    external: ['ioredis'],
    resolve: { conditionNames: ['@perf/source', 'import', 'node', 'default'] },
    output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs' },
  });
  return {
    member: path.join(folder, 'member.mjs'),
    caller: path.join(folder, 'caller.mjs'),
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
      if (readdirSync(buildFolder).length === 0) rmSync(buildFolder, { recursive: true });
    },
  };
}
