import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'rolldown';
import { beforeAll, expect, test } from 'vitest';

const OPERATIONS = Math.max(500_000, Number(process.env['PERF_TORTURE_RUNS'] ?? 200) * 50_000);
const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo', 'ttl'] as const;
/** What the engine itself may take more, in bytes: compiled code, an index in the middle of its growth. */
const SLACK = 2 ** 20;

let program = '';

beforeAll(async () => {
  const { output } = await build({
    input: path.join(import.meta.dirname, 'programs/memory-growth.ts'),
    platform: 'node',
    logLevel: 'warn',
    resolve: { conditionNames: ['@perf/source', 'import', 'node', 'default'] },
    write: false,
  });
  program = output[0].code;
});

test.each(POLICIES)(
  `${OPERATIONS} operations, with weights, lifetimes and deletes, take no more memory than the first: %s`,
  (policy) => {
    const child = spawnSync(
      process.execPath,
      ['--expose-gc', '--input-type=module', '-', policy, String(OPERATIONS)],
      { input: program, encoding: 'utf8', timeout: 900_000 },
    );
    expect(child).toMatchObject({ status: 0, stderr: '' });
    const { before, after, size, bytes } = JSON.parse(child.stdout) as Record<string, number>;
    expect(size).toBeGreaterThan(1000);
    expect(bytes).toBeLessThanOrEqual(8_000_000 * 1.05);
    expect((after as number) - (before as number)).toBeLessThan(SLACK);
  },
);
