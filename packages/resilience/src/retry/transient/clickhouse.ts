import { someInChain } from './error-chain.ts';
import { isTransientNodeError } from './node.ts';

/** By number, as the server's own list names them. */
const CODES: ReadonlySet<unknown> = new Set([
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203', // NO_FREE_CONNECTION
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '225', // NO_ZOOKEEPER
  '242', // TABLE_IS_READ_ONLY, while its replica has lost the keeper
  '252', // TOO_MANY_PARTS
  '279', // ALL_CONNECTION_TRIES_FAILED
  '285', // TOO_FEW_LIVE_REPLICAS
  '286', // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  '439', // CANNOT_SCHEDULE_TASK
  '999', // KEEPER_EXCEPTION
]);
/** What `@clickhouse/client` says. */
const MESSAGES = /^(Timeout error|socket hang up)/;

/**
 * Whether a query failed for a reason that may pass. An insert whose connection broke may have been applied; a replicated table drops
 * the same block when it comes again.
 */
export function isTransientClickHouseError(error: unknown): boolean {
  return (
    isTransientNodeError(error) ||
    someInChain(
      error,
      ({ code, type, message }) =>
        (typeof type === 'string' && CODES.has(String(code))) ||
        (typeof message === 'string' && MESSAGES.test(message)),
    )
  );
}
