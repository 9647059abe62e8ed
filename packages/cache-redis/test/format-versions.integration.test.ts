import { describeFormatVersions } from '@perf/store-tests';
import { afterEach } from 'vitest';
import { redisStore } from '../src/index.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';
import { freshPrefix } from './fixtures/stores.ts';

const redis = useRedis();
let prefix = freshPrefix();
afterEach(() => {
  prefix = freshPrefix();
});

describeFormatVersions('redisStore', {
  open: () => redisStore({ url: redis.server.url, prefix }),
  skip: noRedis,
});
