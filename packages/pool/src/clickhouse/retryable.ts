import { isTransientClickHouseError } from '@perf/resilience';
import { PoolAcquireError } from '../errors.ts';

/** How many errors below each other are looked at. */
const DEEPEST = 16;

const UNREACHED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
]);
/** Codes by which the server refuses a query before it begins. */
const NOT_BEGUN: ReadonlySet<unknown> = new Set([
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203', // NO_FREE_CONNECTION
]);

const READING =
  /^(?:\s|--[^\n]*\n|#[^\n]*\n|\/\*.*?\*\/|\()*(select|with|show|describe|desc|exists|explain)\b/is;

/** Whether the statement only reads, so that running it twice does no harm. In doubt it does not. */
export function isReading(sql: string): boolean {
  const word = READING.exec(sql)?.[1]?.toLowerCase();
  // `WITH … INSERT` writes.
  return word !== undefined && (word !== 'with' || !/\binsert\b/i.test(sql));
}

/** Whether the request failed for a reason that may pass. */
export function isTransient(error: unknown): boolean {
  // The trouble of the server is the cause of a wait in vain, which is no reason to wait again.
  return !(error instanceof PoolAcquireError) && isTransientClickHouseError(error);
}

/** Whether it may pass, and the server has not begun with the request. */
export function isUnsent(error: unknown): boolean {
  return !(error instanceof PoolAcquireError) && wasNotBegun(error, DEEPEST);
}

function wasNotBegun(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, type, syscall, cause, errors } = error as {
    readonly code?: unknown;
    readonly type?: unknown;
    readonly syscall?: unknown;
    readonly cause?: unknown;
    readonly errors?: unknown;
  };
  if (UNREACHED.has(code) || (code === 'ETIMEDOUT' && syscall === 'connect')) return true;
  if (typeof type === 'string' && NOT_BEGUN.has(String(code))) return true;
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.every((one) => wasNotBegun(one, depth - 1));
  }
  return wasNotBegun(cause, depth - 1);
}
