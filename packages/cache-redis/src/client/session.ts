import { ALL_SCRIPTS } from '../scripts/all-scripts.ts';
import { isReply, withoutCommand } from './driver-errors.ts';
import { addressOf, isReplica, streamOf, type RedisConnection } from './redis-client.ts';
import { parseServerInfo, type ServerInfo } from './server-info.ts';

/** One connection, from when its server has been greeted. */
export interface Session {
  /** What the server calls the connection; `undefined` where it does not tell. */
  readonly clientId: number | undefined;
  /** Where it leads to: the other end of the socket, which is not always what was set up. */
  readonly address: string;
  /** Whether the client of a cluster took it for a replica. */
  readonly asReplica: boolean;
  readonly info: ServerInfo;
}

/**
 * Asks a server who it is and what it calls this connection, and makes it know the scripts. What it may not
 * answer stays unknown. Rejects when the connection does not carry the question.
 */
export async function greet(node: RedisConnection): Promise<Session> {
  const asReplica = isReplica(node);
  const loading = ALL_SCRIPTS.map(({ source }) => node.call('script', 'LOAD', source));
  const [clientId, info] = await Promise.all([
    unlessForbidden(node.call('client', 'ID')),
    unlessForbidden(node.call('info')),
    // Without them a script is sent whole at its first use.
    ...loading.map(unlessForbidden),
  ]);
  return {
    clientId: clientId === undefined ? undefined : Number(clientId),
    // Known once there was an answer.
    address: remoteAddressOf(node),
    asReplica,
    info: parseServerInfo(info),
  };
}

/** The server's own refusal is an answer: `undefined`. */
export async function unlessForbidden(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isReply(error)) return undefined;
    throw withoutCommand(error);
  }
}

function remoteAddressOf(node: RedisConnection): string {
  const stream = streamOf(node);
  if (stream?.remoteAddress === undefined) return addressOf(node);
  return `${stream.remoteAddress}:${stream.remotePort}`;
}
