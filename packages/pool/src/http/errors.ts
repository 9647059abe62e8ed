import { PerfError, TimeoutError, type PerfErrorCode, type PerfErrorOptions } from '@perf/core';

/**
 * What a request failed of. `pool` are the refusals of the pool itself (its queue, its deadline, its end), `refused` those of a policy,
 * `other` is what a caller's own code threw.
 */
export type HttpErrorKind =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'status'
  | 'tooLarge'
  | 'decode'
  | 'redirect'
  | 'blocked'
  | 'invalid'
  | 'requestBody'
  | 'bodyUsed'
  | 'pool'
  | 'refused'
  | 'aborted'
  | 'other';

/** Every {@link HttpErrorKind}. */
export const HTTP_ERROR_KINDS: readonly HttpErrorKind[] = [
  'dns',
  'connect',
  'tls',
  'timeout',
  'reset',
  'protocol',
  'status',
  'tooLarge',
  'decode',
  'redirect',
  'blocked',
  'invalid',
  'requestBody',
  'bodyUsed',
  'pool',
  'refused',
  'aborted',
  'other',
];

/** What a request was for. Path, query and headers are left out on purpose: secrets travel in them. */
export interface HttpTarget {
  /** The name of the client. */
  readonly client: string;
  readonly method: string;
  /** Such as `https://api.example.com`. */
  readonly origin: string;
}

/** Context of an {@link HttpError}. */
export interface HttpErrorOptions extends PerfErrorOptions {
  /** @default false */
  readonly retryable?: boolean | undefined;
}

/** A request came to nothing. Base of the others; no message holds a path, a query or a header. */
export class HttpError extends PerfError {
  static override readonly code: PerfErrorCode = 'PERF_HTTP';
  readonly kind: HttpErrorKind;
  /** The name of the client. */
  readonly client: string;
  readonly method: string;
  readonly origin: string;
  /** Whether it may pass, and sending the request again can do no harm: it had not been sent, or is idempotent. */
  readonly retryable: boolean;

  constructor(
    code: PerfErrorCode,
    kind: HttpErrorKind,
    target: HttpTarget,
    what: string,
    options: HttpErrorOptions = {},
  ) {
    super(code, `${target.method} ${target.origin} (client "${target.client}"): ${what}`, options);
    this.kind = kind;
    this.client = target.client;
    this.method = target.method;
    this.origin = target.origin;
    this.retryable = options.retryable ?? false;
  }
}

/** There was no connection, or it was lost: the `cause` is what the socket, the name service or TLS said. */
export class HttpConnectionError extends HttpError {
  static override readonly code = 'PERF_HTTP_CONNECTION';

  constructor(
    kind: 'dns' | 'connect' | 'tls' | 'reset',
    target: HttpTarget,
    options: HttpErrorOptions,
  ) {
    super(HttpConnectionError.code, kind, target, CONNECTION[kind], options);
  }
}

const CONNECTION = {
  dns: 'the name could not be resolved',
  connect: 'no connection could be made',
  tls: 'the TLS handshake failed',
  reset: 'the connection was lost before the response was complete',
};

/** What of a request has a time of its own; `request` is all of it, waits and retries included. */
export type HttpPhase = 'connect' | 'tls' | 'headers' | 'body' | 'request';

/** A part of the request took too long. */
export class HttpTimeoutError extends HttpError {
  static override readonly code = 'PERF_HTTP_TIMEOUT';
  readonly phase: HttpPhase;
  /** The limit that passed, in milliseconds. */
  readonly timeout: number;

  constructor(phase: HttpPhase, timeout: number, target: HttpTarget, options: HttpErrorOptions) {
    // The cause is what policies know as a timeout.
    const cause = new TimeoutError(PHASES[phase], timeout, { stack: false });
    super(HttpTimeoutError.code, 'timeout', target, cause.message, { ...options, cause });
    this.phase = phase;
    this.timeout = timeout;
  }
}

const PHASES: Readonly<Record<HttpPhase, string>> = {
  connect: 'connecting',
  tls: 'the TLS handshake',
  headers: 'waiting for the response',
  body: 'the next piece of the body, or somebody to read it,',
  request: 'the whole request',
};

/** The response is larger than `maxResponseSize`, as it comes or decompressed. */
export class HttpResponseTooLargeError extends HttpError {
  static override readonly code = 'PERF_HTTP_TOO_LARGE';
  /** Bytes. */
  readonly maxResponseSize: number;

  constructor(maxResponseSize: number, target: HttpTarget) {
    super(
      HttpResponseTooLargeError.code,
      'tooLarge',
      target,
      `the response has more than ${maxResponseSize} bytes; raise maxResponseSize if that is expected`,
    );
    this.maxResponseSize = maxResponseSize;
  }
}

/** The other side does not speak HTTP, or not as it should. */
export class HttpProtocolError extends HttpError {
  static override readonly code = 'PERF_HTTP_PROTOCOL';

  constructor(target: HttpTarget, options: HttpErrorOptions) {
    super(
      HttpProtocolError.code,
      'protocol',
      target,
      'the response is not proper HTTP/1.1',
      options,
    );
  }
}

/** The body is not what its headers say, or no JSON. */
export class HttpDecodeError extends HttpError {
  static override readonly code = 'PERF_HTTP_DECODE';

  constructor(target: HttpTarget, what: string, options: HttpErrorOptions = {}) {
    super(HttpDecodeError.code, 'decode', target, what, options);
  }
}

/** There were too many redirects, or one that cannot be followed. */
export class HttpRedirectError extends HttpError {
  static override readonly code = 'PERF_HTTP_REDIRECT';

  constructor(target: HttpTarget, what: string) {
    super(HttpRedirectError.code, 'redirect', target, what);
  }
}

/** The guard lets no connection be made to such an address. */
export class HttpAddressBlockedError extends HttpError {
  static override readonly code = 'PERF_HTTP_ADDRESS_BLOCKED';
  /** What the name stands for, or what could not be understood as an address. */
  readonly address: string;

  constructor(address: string, target: HttpTarget) {
    super(
      HttpAddressBlockedError.code,
      'blocked',
      target,
      `${address} is not a public address; name it in guard.allow if it is meant`,
    );
    this.address = address;
  }
}

/** The request could not be sent as it was asked for. */
export class HttpInvalidRequestError extends HttpError {
  static override readonly code = 'PERF_HTTP_INVALID';

  constructor(target: HttpTarget, what: string, options: HttpErrorOptions = {}) {
    super(HttpInvalidRequestError.code, 'invalid', target, what, options);
  }
}

/** The body that was to be sent failed, with the `cause`. */
export class HttpRequestBodyError extends HttpError {
  static override readonly code = 'PERF_HTTP_REQUEST_BODY';

  constructor(target: HttpTarget, options: HttpErrorOptions) {
    const what = 'the body that was to be sent failed';
    super(HttpRequestBodyError.code, 'requestBody', target, what, options);
  }
}

/** The body of a response was asked for a second time. */
export class HttpBodyUsedError extends HttpError {
  static override readonly code = 'PERF_HTTP_BODY_USED';

  constructor(target: HttpTarget) {
    super(
      HttpBodyUsedError.code,
      'bodyUsed',
      target,
      'the body has been read or discarded; keep what the first call gave',
    );
  }
}

/** How a policy sees a response of status 408, 425, 429, 500, 502, 503 or 504. The caller gets the response itself. */
export class HttpStatusError extends HttpError {
  static override readonly code = 'PERF_HTTP_STATUS';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;

  constructor(
    status: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    target: HttpTarget,
    retryable: boolean,
  ) {
    super(HttpStatusError.code, 'status', target, `status ${status}`, { retryable, stack: false });
    this.status = status;
    this.headers = headers;
  }
}
