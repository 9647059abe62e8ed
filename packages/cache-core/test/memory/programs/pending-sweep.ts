import { createMemoryCache } from '../../../src/memory/create-memory-cache.ts';

const cache = createMemoryCache<string, string>({ ttl: '1h', sweepInterval: '1h' });
cache.set('key', 'the sweep is pending');
console.log(cache.get('key'));
