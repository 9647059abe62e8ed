import { isTransientHttpError, isTransientNodeError } from '@perf/resilience';
import { Readable } from 'node:stream';
import type { Call } from '../client/call.ts';
import { BlockedAddress } from '../connections/address-guard.ts';
import {
  HttpAddressBlockedError,
  HttpConnectionError,
  HttpInvalidRequestError,
  HttpProtocolError,
  type HttpError,
  HttpRequestBodyError,
  type HttpPhase,
} from '../errors.ts';

const INVALID: ReadonlySet<unknown> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_NOT_SUPPORTED',
]);
/** Not all of the driver's errors of parsing have a code. */
const PARSER = 'HTTPParserError';

/**
 * What the driver's error means.
 * @param phase how far the request had come
 * @param isHarmless whether sending it again does no harm
 */
export function failureOf(
  error: Error,
  phase: HttpPhase,
  call: Call,
  isHarmless: boolean,
): HttpError {
  if (call.body.content instanceof Readable && call.body.content.errored === error) {
    return new HttpRequestBodyError(call, { cause: error });
  }
  if (error instanceof BlockedAddress) return new HttpAddressBlockedError(error.address, call);
  const { code, name } = error as NodeJS.ErrnoException;
  if (INVALID.has(code)) {
    return new HttpInvalidRequestError(call, error.message, { cause: error });
  }
  const options = { cause: error, retryable: isHarmless && isTransientNodeError(error) };
  if (phase === 'connect') {
    return new HttpConnectionError(isOfNames(error) ? 'dns' : 'connect', call, options);
  }
  if (phase === 'tls') return new HttpConnectionError('tls', call, options);
  // The connection ended in the middle of a body.
  const isCutOff =
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
    (name === PARSER && /\bEOF\b/i.test(error.message));
  if (!isCutOff && (name === PARSER || code === 'UND_ERR_HEADERS_OVERFLOW')) {
    return new HttpProtocolError(call, { cause: error });
  }
  return new HttpConnectionError('reset', call, {
    cause: error,
    retryable: isHarmless && (isCutOff || isTransientHttpError(error)),
  });
}

function isOfNames(error: Error): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined && /^(getaddrinfo|query)/.test(syscall);
}
