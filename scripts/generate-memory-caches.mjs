// Writes the memory cache classes of the policies other than `lru` from the text of
// lru-memory-cache.ts. With --check it only compares, and fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../packages/cache-core/src/memory/policies');
const template = readFileSync(join(folder, 'lru-memory-cache.ts'), 'utf8');
const checkOnly = process.argv.includes('--check');
const stale = [];

for (const policy of ['adaptive', 'lfu', 'fifo', 'sieve', 's3fifo', 'ttl']) {
  const path = join(folder, `${policy}-memory-cache.ts`);
  const text = generate(policy);
  if (!checkOnly) writeFileSync(path, text);
  else if (read(path) !== text) stale.push(path);
}

if (stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}\nRun: node scripts/generate-memory-caches.mjs`);
  process.exitCode = 1;
}

function generate(policy) {
  const name = policy[0].toUpperCase() + policy.slice(1);
  const header =
    '// Generated from lru-memory-cache.ts by scripts/generate-memory-caches.mjs. Do not edit.\n';
  return header + template.replaceAll('Lru', name).replaceAll(/\blru\b/g, policy);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
