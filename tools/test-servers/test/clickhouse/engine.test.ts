import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { findEngine } from '../../src/clickhouse/engine.ts';

test('without npm the error says what to do', async () => {
  await expect(
    findEngine({ npm: undefined, packageName: 'chdb', version: '0.0.1' }),
  ).rejects.toThrow(/PATH has no npm[^]*export PERF_CLICKHOUSE_URL=/);
});

test('what npm says of a failure is told, and the next one tries again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perf-npm-'));
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const npm = join(folder, 'npm');
    writeFileSync(npm, '#!/bin/sh\necho "no registry" >&2\nexit 1\n');
    chmodSync(npm, 0o755);
    const places = { npm, packageName: 'chdb', version: '0.0.2' };
    await expect(findEngine(places)).rejects.toThrow(/chdb@0\.0\.2 failed: no registry/);
    await expect(findEngine(places)).rejects.toThrow(/no registry/);
    expect(said).toHaveBeenCalledWith(expect.stringMatching(/fetching ClickHouse.*550 MB/));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
