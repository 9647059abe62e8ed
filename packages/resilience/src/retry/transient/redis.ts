import { someInChain } from './error-chain.ts';
import { isTransientNodeError } from './node.ts';

/** How the server's answers begin. */
const REPLIES =
  /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS|UNBLOCKED|ERR max number of clients reached)\b/;
/** What ioredis and node-redis say. */
const MESSAGES =
  /^(Connection is closed|Command timed out|Socket closed unexpectedly|Connection timeout|The client is closed|Stream isn't writeable|None of startup nodes is available|All sentinels are unreachable|Cluster isn't ready)/;
const NAMES: ReadonlySet<unknown> = new Set([
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
  'SocketClosedUnexpectedlyError',
  'ConnectionTimeoutError',
]);

/**
 * Whether a command failed for a reason that may pass: the server starts, is busy, moves, or is being replaced, or the connection broke.
 * Then it may have been applied.
 */
export function isTransientRedisError(error: unknown): boolean {
  return (
    isTransientNodeError(error) ||
    someInChain(
      error,
      ({ name, message }) =>
        NAMES.has(name) ||
        (typeof message === 'string' && (REPLIES.test(message) || MESSAGES.test(message))),
    )
  );
}
