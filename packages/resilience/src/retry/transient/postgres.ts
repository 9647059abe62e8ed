import { someInChain } from './error-chain.ts';
import { isTransientNodeError } from './node.ts';

/** SQLSTATEs after which the same transaction may succeed, and has certainly not been applied. */
const CODES: ReadonlySet<unknown> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '25006', // read_only_sql_transaction: the primary has become a replica
]);
/** Class 08, connection exceptions, but for `08P01`, a violation of the protocol. */
const CONNECTION = /^08(?!P01)[0-9A-Z]{3}$/;
/** The driver has no codes for these. */
const MESSAGES =
  /^(Connection terminated|timeout (expired|exceeded when trying to connect)|Client has encountered a connection error)/;

/**
 * Whether a query failed for a reason that may pass. When the connection broke, the server may have applied it: what is retried must
 * bear that, or run in a transaction that is begun anew.
 * @see PostgreSQL, appendix A, error codes
 */
export function isTransientPostgresError(error: unknown): boolean {
  return (
    isTransientNodeError(error) ||
    someInChain(
      error,
      ({ code, message }) =>
        CODES.has(code) ||
        (typeof code === 'string' && CONNECTION.test(code)) ||
        (code === undefined && typeof message === 'string' && MESSAGES.test(message)),
    )
  );
}
