import { isCluster, streamOf, type RedisClient, type RedisStream } from './redis-client.ts';

const gathering = new WeakSet<RedisStream>();

/** What is sent to a single server from now on until the end of this step leaves as one packet. */
export function gather(client: RedisClient): void {
  const stream = isCluster(client) ? undefined : streamOf(client);
  if (stream === undefined || gathering.has(stream)) return;
  gathering.add(stream);
  stream.cork();
  process.nextTick(() => {
    gathering.delete(stream);
    stream.uncork();
  });
}
