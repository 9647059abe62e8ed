import { isTimeout } from '../../execution/outcome.ts';

/** Kinds are told apart by at most so many characters. */
const LONGEST = 40;

const BY_CODE: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'timeout',
  ESOCKETTIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNREFUSED: 'connection',
  ECONNRESET: 'connection',
  ECONNABORTED: 'connection',
  EPIPE: 'connection',
  EHOSTUNREACH: 'connection',
  ENETUNREACH: 'connection',
  UND_ERR_SOCKET: 'connection',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
};

/**
 * The kind of an error, as correlation compares it: `timeout`, `connection`, `dns`, `throttled` (429), `unavailable` (503), `server`
 * (other 5xx), `client` (other 4xx); else the error's `code`, or its name. What is behind `fetch failed` is found in its `cause`.
 */
export function errorKind(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  if (isTimeout(error)) return 'timeout';
  const { code, status, statusCode, name, cause } = error as Readonly<Record<string, unknown>>;
  const http = typeof status === 'number' ? status : statusCode;
  if (typeof http === 'number' && http >= 400) return httpKind(http);
  if (typeof code === 'string') return BY_CODE[code] ?? code.slice(0, LONGEST);
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return errorKind(cause);
  return typeof name === 'string' ? name.slice(0, LONGEST) : 'unknown';
}

function httpKind(status: number): string {
  if (status === 429) return 'throttled';
  if (status === 503) return 'unavailable';
  return status >= 500 ? 'server' : 'client';
}
