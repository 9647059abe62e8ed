import { afterAll, beforeAll } from 'vitest';
import { buildSources, type BuiltSources } from '../fixtures/build-sources.ts';
import { noRedis } from '../fixtures/redis.ts';

/** Where the programs of a fleet are. */
export type Programs = BuiltSources<'member' | 'caller'>['paths'];

/** The programs for the tests of a file. */
export function usePrograms(): () => Programs {
  let built: BuiltSources<'member' | 'caller'> | undefined;
  beforeAll(async () => {
    if (noRedis) return;
    built = await buildSources({
      member: 'fleet/programs/member.ts',
      caller: 'fleet/programs/caller.ts',
    });
  });
  afterAll(() => built?.[Symbol.dispose]());
  return () => {
    if (built === undefined) throw new Error('the programs have not been built');
    return built.paths;
  };
}
