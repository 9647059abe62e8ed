import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms, type Programs } from './fixtures/programs.ts';

const NOBODY = 'redis://127.0.0.1:1';

describe('a process that starts while Redis is away', () => {
  let programs: Programs | undefined;
  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => programs?.remove());

  it('loads its values and lives on', async () => {
    expect(await programs?.runFirstRead(NOBODY)).toEqual({ code: 0, output: 'a b\n' });
  });
});
