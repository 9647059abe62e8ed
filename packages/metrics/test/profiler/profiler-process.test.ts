import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildProgram, type Program } from '../fixtures/programs.ts';

let dir: string;
let program: Program | undefined;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'perf-process-'));
});
afterEach(() => {
  program?.remove();
  rmSync(dir, { recursive: true, force: true });
});

test('a process in which everything is on ends by itself, with a burst under way', async () => {
  program = await buildProgram('everything-on.ts');
  const result: unknown = JSON.parse(await program.run([dir], ['--expose-gc']));
  expect(result).toMatchObject({ forcedGcs: 1, pressures: 1, bursts: 0 });
  expect(readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))).toEqual([]);
  expect(readdirSync(dir).filter((name) => name.endsWith('.heapsnapshot'))).toHaveLength(1);
}, 180_000);

test('a heap that is nearly full is written before the process runs out of it', async () => {
  program = await buildProgram('nearly-full-heap.ts');
  const printed = await program.run([dir], ['--max-old-space-size=64']);
  const { file } = JSON.parse(printed) as { file: string };
  expect(path.dirname(file)).toBe(dir);
  const { snapshot } = JSON.parse(readFileSync(file, 'utf8')) as {
    snapshot: { node_count: number };
  };
  expect(snapshot.node_count).toBeGreaterThan(1000);
}, 180_000);

test('nothing grows, however long it runs and however many operations there are', async () => {
  program = await buildProgram('long-run.ts');
  const printed = await program.run([], ['--expose-gc']);
  const result = JSON.parse(printed) as { grown: number; samples: number; operations: number };
  expect(result).toMatchObject({ samples: 100, operations: 51 });
  expect(result.grown).toBeLessThan(500_000);
}, 180_000);
