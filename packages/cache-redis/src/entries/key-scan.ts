import { abortable } from '@perf/core';
import type { StoreCall } from '@perf/cache-core';
import type { ClientWatch } from '../client/client-watch.ts';
import type { NodeWatch } from '../client/node-watch.ts';
import { isCluster } from '../client/redis-client.ts';
import { withoutCommand } from '../client/driver-errors.ts';
import type { KeySpace } from '../keys/key-space.ts';

/** How many keys Redis looks at in one step. */
const STEP = 1000;
/** How many keys are remembered, so that they do not come a second time. */
const MOST_REMEMBERED = 1_000_000;

/**
 * What lies in Redis for keys that begin with `start`, on all nodes.
 * @yields a page for each step, be it empty; some names may come twice
 */
async function* scanNames(
  watch: ClientWatch,
  space: KeySpace,
  start: string,
  { signal }: StoreCall,
): AsyncGenerator<readonly string[]> {
  const pattern = space.matching(start);
  for (const node of await watch.masters(signal)) {
    let cursor = '0';
    do {
      const [next, names] = await step(node, cursor, pattern, signal);
      cursor = next;
      yield names;
    } while (cursor !== '0');
  }
}

/**
 * The keys of values that begin with `start`.
 * @yields a page for each step, be it empty; each key comes once
 */
export async function* scanKeys(
  watch: ClientWatch,
  space: KeySpace,
  start: string,
  call: StoreCall,
): AsyncGenerator<readonly string[]> {
  const seen = new Set<string>();
  for await (const names of scanNames(watch, space, start, call)) {
    const page: string[] = [];
    for (const name of names) {
      const key = space.keyOf(name);
      // A name can match only with its closing brace, which is not of the key.
      if (key === undefined || !key.startsWith(start) || seen.has(key)) continue;
      seen.add(key);
      page.push(key);
    }
    forgetOldest(seen);
    // Also an empty one, as for all the keys of others: whoever waits for a page has a deadline for each.
    yield page;
  }
}

/** Removes all values and tickets, and what else lies under such names. */
export async function clearNames(
  watch: ClientWatch,
  space: KeySpace,
  call: StoreCall,
): Promise<void> {
  for await (const names of scanNames(watch, space, '', call)) {
    if (names.length > 0) await abortable(unlink(watch, names), call.signal);
  }
}

/** One command, or one for each name where they are on different slots. */
async function unlink({ client }: ClientWatch, names: readonly string[]): Promise<void> {
  try {
    if (isCluster(client)) await Promise.all(names.map((name) => client.call('unlink', name)));
    else await client.call('unlink', ...names);
  } catch (error) {
    throw withoutCommand(error);
  }
}

async function step(
  { node }: NodeWatch,
  cursor: string,
  pattern: string,
  signal: AbortSignal,
): Promise<readonly [cursor: string, names: readonly string[]]> {
  signal.throwIfAborted();
  const scan = node.call('scan', cursor, 'MATCH', pattern, 'COUNT', String(STEP));
  try {
    const [next, names] = (await abortable(scan, signal)) as [unknown, readonly string[]];
    return [String(next), names];
  } catch (error) {
    throw withoutCommand(error);
  }
}

function forgetOldest(seen: Set<string>): void {
  for (const key of seen) {
    if (seen.size <= MOST_REMEMBERED) return;
    seen.delete(key);
  }
}
