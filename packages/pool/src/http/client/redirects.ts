import { HttpRedirectError } from '../errors.ts';
import { Call } from './call.ts';
import { bodilessHeaders, carriedHeaders } from './request-headers.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const NO_BODY = { content: undefined, type: undefined };

/**
 * The request that a response asks for instead; `undefined` when it is no redirect. Another origin is told neither credentials
 * nor any header that is not known to be harmless.
 * @throws {@link HttpRedirectError} when it leads nowhere, or needs a body that has been read
 * @see RFC 9110, section 15.4; WHATWG Fetch, HTTP-redirect fetch
 */
export function redirected(
  call: Call,
  status: number,
  location: string | readonly string[] | undefined,
): Call | undefined {
  if (!REDIRECTS.has(status) || typeof location !== 'string') return undefined;
  const base = call.origin + call.path;
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new HttpRedirectError(call, 'it was redirected to what is no URL of http or https');
  }
  const { method, body, terms } = call;
  const isOther = url.origin !== call.origin;
  let headers = isOther ? carriedHeaders(call.headers) : call.headers;
  const address = { origin: url.origin, path: url.pathname + url.search };
  const becomesGet =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST');
  if (becomesGet) {
    headers = bodilessHeaders(headers);
    const asGet = { ...terms, idempotent: undefined };
    return new Call(call.client, 'GET', address, headers, NO_BODY, asGet);
  }
  if (!call.isReplayable) {
    throw new HttpRedirectError(call, 'it was redirected, and its body, a stream, has been read');
  }
  return new Call(call.client, method, address, headers, body, terms);
}
