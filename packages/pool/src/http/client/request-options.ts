import type { RequestHeaders } from './request-headers.ts';
import type { HttpTimeouts } from './client-options.ts';

/** What is sent: text, bytes, the fields of a form, or a stream of any of the first two, which is read once and so never sent again. */
export type RequestBody =
  | string
  | Uint8Array
  | URLSearchParams
  | AsyncIterable<string | Uint8Array>
  | Iterable<Uint8Array>;

/** Options of one request. */
export interface HttpRequestOptions {
  /** @default 'GET', or 'POST' where there is a body */
  readonly method?: string | undefined;
  /** These win over those of the client; `undefined` takes one of those away. */
  readonly headers?: RequestHeaders | undefined;
  /** Added to the query of the URL; several values of one name are an array. */
  readonly query?:
    | Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
    | undefined;
  readonly body?: RequestBody | undefined;
  /** Sent as JSON, instead of `body`. */
  readonly json?: unknown;
  /** Ends the request, and a body that is still being read, when it aborts; its reason is the rejection. */
  readonly signal?: AbortSignal | undefined;
  /** Over those of the client. */
  readonly timeouts?: HttpTimeouts | undefined;
  /** Where requests wait for their turn: from 0 to 9, the higher first. @default 5 */
  readonly priority?: number | undefined;
  /** Whether sending it twice is harmless. @default by the method: GET, HEAD, OPTIONS, TRACE, PUT, DELETE */
  readonly idempotent?: boolean | undefined;
  /** Reads the whole body before the request resolves, so that trouble in the body is retried, too. @default false */
  readonly buffered?: boolean | undefined;
}
