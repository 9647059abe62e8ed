import type { CacheStore, StoreCall } from '../../contracts/cache-store.ts';
import { LONG, START } from './store-driver.ts';

/** One method of a store, ready to be called. */
export interface StoreMethod {
  readonly name: string;
  readonly run: (call: StoreCall) => Promise<unknown>;
}

const WRITE = { key: 'a', bytes: Uint8Array.of(1), ttl: Infinity };
const TICKET = { key: 'a', ticket: 't' };

/** Every method that reads, as far as the store has it. */
export function readsOf(store: CacheStore): readonly StoreMethod[] {
  const { fencing } = store;
  const reads: StoreMethod[] = [{ name: 'getMany', run: (call) => store.getMany(['a'], call) }];
  if (store.keys !== undefined) reads.push({ name: 'keys', run: (call) => scan(store, call) });
  if (fencing !== undefined) {
    reads.push({ name: 'delta', run: (call) => fencing.delta(START, call) });
  }
  return reads;
}

/** Every method that writes, as far as the store has it: for the key `a`, whose ticket is `t`. */
export function writesOf(store: CacheStore): readonly StoreMethod[] {
  const { fencing } = store;
  const writes: StoreMethod[] = [
    { name: 'setMany', run: (call) => store.setMany([WRITE], call) },
    { name: 'deleteMany', run: (call) => store.deleteMany(['a'], call) },
    { name: 'clear', run: (call) => store.clear(call) },
  ];
  if (store.clearExpired !== undefined) {
    writes.push({ name: 'clearExpired', run: async (call) => store.clearExpired?.(call) });
  }
  if (store.touchMany !== undefined) {
    writes.push({ name: 'touchMany', run: async (call) => store.touchMany?.(['a'], 1, call) });
  }
  if (fencing !== undefined) {
    writes.push(
      {
        name: 'ticketMany',
        run: (call) => fencing.ticketMany([{ key: 'b', ticket: 'u', ttl: LONG }], call),
      },
      { name: 'renewMany', run: (call) => fencing.renewMany([TICKET], 1, call) },
      { name: 'releaseMany', run: (call) => fencing.releaseMany([TICKET], call) },
      { name: 'fillMany', run: (call) => fencing.fillMany([{ ...WRITE, ...TICKET }], call) },
      { name: 'begin', run: (call) => fencing.begin('a', 'u', LONG, call) },
      { name: 'settle', run: (call) => fencing.settle({ ...WRITE, ...TICKET }, call) },
      { name: 'bump', run: (call) => fencing.bump([{ kind: 'tag', name: 'x' }], 0, call) },
    );
  }
  return writes;
}

async function scan(store: CacheStore, call: StoreCall): Promise<number> {
  let count = 0;
  for await (const page of store.keys?.('', call) ?? []) count += page.length;
  return count;
}
