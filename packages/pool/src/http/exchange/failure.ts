import { isTransientHttpError, isTransientNodeError } from '@perf/resilience';
import { BlockedAddress } from '../connections/address-guard.ts';
import {
  HttpAddressBlockedError,
  HttpConnectionError,
  HttpInvalidRequestError,
  HttpProtocolError,
  type HttpError,
  type HttpPhase,
  type HttpTarget,
} from '../errors.ts';

const INVALID: ReadonlySet<unknown> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_NOT_SUPPORTED',
]);
/** The connection ended in the middle of a body. */
const CUT_OFF: ReadonlySet<unknown> = new Set([
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'HPE_INVALID_EOF_STATE',
]);

/**
 * What the driver's error means.
 * @param phase how far the request had come
 * @param isHarmless whether sending it again does no harm
 */
export function failureOf(
  error: Error,
  phase: HttpPhase,
  target: HttpTarget,
  isHarmless: boolean,
): HttpError {
  if (error instanceof BlockedAddress) return new HttpAddressBlockedError(error.address, target);
  const { code } = error as NodeJS.ErrnoException;
  if (INVALID.has(code)) {
    return new HttpInvalidRequestError(target, error.message, { cause: error });
  }
  const options = { cause: error, retryable: isHarmless && isTransientNodeError(error) };
  if (phase === 'connect') {
    return new HttpConnectionError(isOfNames(error) ? 'dns' : 'connect', target, options);
  }
  if (phase === 'tls') return new HttpConnectionError('tls', target, options);
  if (code !== undefined && /^(HPE_|UND_ERR_HEADERS_OVERFLOW)/.test(code) && !CUT_OFF.has(code)) {
    return new HttpProtocolError(target, { cause: error });
  }
  const isTransient = isTransientHttpError(error) || CUT_OFF.has(code);
  return new HttpConnectionError('reset', target, {
    cause: error,
    retryable: isHarmless && isTransient,
  });
}

function isOfNames(error: Error): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined && /^(getaddrinfo|query)/.test(syscall);
}
