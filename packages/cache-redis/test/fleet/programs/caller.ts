/** A process whose cache many callers ask for one key at once. The parent is the source, and counts the loads. */
import { createCache } from '@perf/cache-core';
import { redisBus, redisStore } from '../../../src/index.ts';
import type { CallerOptions, FromCaller, ToCaller } from '../caller-messages.ts';

const { url, prefix, leaseWait } = JSON.parse(process.argv[2] ?? '{}') as CallerOptions;
const cache = createCache<string>({
  stores: [redisStore({ url, prefix })],
  bus: redisBus({ url, prefix }),
  ttl: '1h',
  leaseWait,
  // A busy machine is no fault of the server's.
  storeTimeout: '10s',
});
const loading: ((value: string | undefined) => void)[] = [];
const tell = (message: FromCaller): void => {
  process.send?.(message);
};

async function herd(key: string, callers: number): Promise<void> {
  const values = new Map<string, number>();
  let rejected = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      try {
        const value = await cache.getOrSet(key, load);
        values.set(value, (values.get(value) ?? 0) + 1);
      } catch {
        rejected++;
      }
    }),
  );
  tell({ kind: 'herded', values: [...values], rejected });
}

async function load(): Promise<string> {
  const loaded = new Promise<string | undefined>((resolve) => {
    loading.push(resolve);
  });
  tell({ kind: 'loading' });
  const value = await loaded;
  if (value === undefined) throw new Error('the source has failed');
  return value;
}

process.on('unhandledRejection', (reason) => {
  tell({ kind: 'failed', reason: String(reason) });
});
process.on('message', (message: ToCaller) => {
  if (message.kind === 'herd') void herd(message.key, message.callers);
  else if (message.kind === 'loaded') loading.shift()?.(message.value);
  else if (message.kind === 'get') {
    void cache.get(message.key).then((value) => {
      tell({ kind: 'got', value });
    });
  } else {
    void cache.close().then(() => {
      process.disconnect();
    });
  }
});

const waiting = setInterval(() => {
  void cache.health().then(({ healthy, bus }) => {
    if (healthy) tell({ kind: 'hears', others: bus?.others ?? 0 });
  });
}, 50);
process.once('message', () => {
  clearInterval(waiting);
});
