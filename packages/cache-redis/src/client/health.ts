import { abortable } from '@perf/core';
import type { StoreCall, StoreHealth } from '@perf/cache-core';
import type { ClientWatch } from './client-watch.ts';
import type { RedisConnection } from './redis-client.ts';
import { parseServerInfo, type ServerInfo } from './server-info.ts';
import { unlessForbidden } from './session.ts';

/**
 * Healthy when every master answers and takes writes; with the memory that they use, for whatever. Rejects
 * when one does not answer.
 */
export async function readHealth(watch: ClientWatch, { signal }: StoreCall): Promise<StoreHealth> {
  const masters = await watch.masters(signal);
  const infos = await abortable(Promise.all(masters.map(({ node }) => ask(node))), signal);
  let bytes = 0;
  for (const [index, { role, usedMemory }] of infos.entries()) {
    if (role === 'slave') {
      const reason = `Redis at ${masters[index]?.address ?? ''} is a replica and takes no writes`;
      return { healthy: false, reason };
    }
    bytes += usedMemory ?? Number.NaN;
  }
  return Number.isFinite(bytes) ? { healthy: true, bytes } : { healthy: true };
}

async function ask(node: RedisConnection): Promise<ServerInfo> {
  const [, info] = await Promise.all([node.call('ping'), unlessForbidden(node.call('info'))]);
  return parseServerInfo(info);
}
