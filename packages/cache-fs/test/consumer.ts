// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCache, type TieredCache } from '@perf/cache-core';
import { fsStore } from '@perf/cache-fs';

function open(dir: string): TieredCache<string> {
  return createCache<string>({ stores: [fsStore({ dir })] });
}

async function main(): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'perf-consumer-'));
  const first = open(dir);
  await first.set('key', 'kept');
  await first.close();
  const second = open(dir);
  equal(await second.get('key'), 'kept');
  await second.close();
  await rm(dir, { recursive: true });
  console.log('works');
}
void main();
