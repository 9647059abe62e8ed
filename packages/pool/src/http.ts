export type {
  HttpClientDefaults,
  HttpClientLimits,
  HttpClientOptions,
  HttpRetryOptions,
  HttpTimeouts,
} from './http/client/client-options.ts';
export type { HttpClient } from './http/client/http-client.ts';
export type { RequestHeaders } from './http/client/request-headers.ts';
export type { HttpRequestOptions, RequestBody } from './http/client/request-options.ts';
export {
  HttpAddressBlockedError,
  HttpBodyUsedError,
  HttpConnectionError,
  HttpDecodeError,
  HttpError,
  HttpInvalidRequestError,
  HttpProtocolError,
  HttpRedirectError,
  HttpRequestBodyError,
  HttpResponseTooLargeError,
  HttpStatusError,
  HttpTimeoutError,
  type HttpErrorKind,
  type HttpPhase,
} from './http/errors.ts';
export type { HttpResponse } from './http/exchange/response.ts';
export { createHttpPool, type HttpPool } from './http/http-pool.ts';
export type { HttpGuardOptions, HttpPoolOptions } from './http/options.ts';
export type {
  HttpAbandonedEvent,
  HttpClientStats,
  HttpPoolEvents,
  HttpPoolStats,
  HttpRequestEvent,
  HttpRetryEvent,
} from './http/telemetry.ts';
