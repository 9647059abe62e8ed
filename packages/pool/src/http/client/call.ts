import type { HttpTarget, HttpPhase } from '../errors.ts';
import { isReplayable, type SentBody } from './request-body.ts';
import type { SentHeaders } from './request-headers.ts';
import type { Address } from './request-url.ts';

/** The methods that can be sent twice. @see RFC 9110, section 9.2.2 */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
]);

/** What stays the same when a request is redirected. */
export interface CallTerms {
  readonly signal: AbortSignal | undefined;
  readonly priority: number | undefined;
  /** When all of it is over, by the clock. */
  readonly deadline: number;
  readonly timeouts: Readonly<Record<HttpPhase, number>>;
  readonly maxResponseSize: number;
  readonly decompress: boolean;
  readonly buffered: boolean;
  /** What the caller says about it. */
  readonly idempotent: boolean | undefined;
  /** Whether a response of this status may be asked for again. */
  readonly isTransient: (status: number) => boolean;
}

/** One request, ready to be sent, any number of times. */
export class Call implements HttpTarget {
  readonly client: string;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly headers: SentHeaders;
  readonly body: SentBody;
  readonly terms: CallTerms;
  /** Sending it again does no harm, even if it was received. */
  readonly isIdempotent: boolean;
  readonly isReplayable: boolean;

  constructor(
    client: string,
    method: string,
    address: Address,
    headers: SentHeaders,
    body: SentBody,
    terms: CallTerms,
  ) {
    this.client = client;
    this.method = method;
    this.origin = address.origin;
    this.path = address.path;
    this.headers = headers;
    this.body = body;
    this.terms = terms;
    this.isIdempotent = terms.idempotent ?? IDEMPOTENT.has(method);
    this.isReplayable = isReplayable(body);
  }
}
