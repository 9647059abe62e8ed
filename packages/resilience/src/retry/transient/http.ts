import { someInChain, type ErrorLike } from './error-chain.ts';
import { isTransientNodeError } from './node.ts';

const STATUSES: ReadonlySet<unknown> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Of undici, which is also Node's `fetch`. */
const CODES: ReadonlySet<unknown> = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RESPONSE_STATUS_CODE',
]);

/**
 * Whether a request failed for a reason that may pass: a socket, a timeout of undici, or a status of 408, 425, 429, 500, 502, 503 or 504
 * on the error or its `response`. Whether the request may be sent twice is for the caller to know.
 */
export function isTransientHttpError(error: unknown): boolean {
  return isTransientNodeError(error) || someInChain(error, isTransientHere);
}

/** Whether a response, such as that of `fetch`, has one of these statuses: for `retryIfValue`. */
export function isTransientResponse(response: unknown): boolean {
  return STATUSES.has(statusOf(response));
}

function isTransientHere(error: ErrorLike): boolean {
  const status = statusOf(error) ?? statusOf(error.response);
  if (status !== undefined) return STATUSES.has(status);
  return CODES.has(error.code);
}

function statusOf(from: unknown): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  const { status, statusCode } = from as ErrorLike;
  return status ?? statusCode;
}
