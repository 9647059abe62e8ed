import { Readable } from 'node:stream';
import { HttpInvalidRequestError, type HttpTarget } from '../errors.ts';
import type { HttpRequestOptions, RequestBody } from './request-options.ts';

/** A body as undici takes it. */
export interface SentBody {
  readonly content: string | Uint8Array | Readable | undefined;
  /** What its `content-type` is unless a header says so. */
  readonly type: string | undefined;
}

const NONE: SentBody = { content: undefined, type: undefined };

/** @throws {@link HttpInvalidRequestError} when it is none */
export function bodyOf({ body, json }: HttpRequestOptions, target: HttpTarget): SentBody {
  if (json !== undefined) {
    if (body !== undefined) throw new HttpInvalidRequestError(target, 'it has body and json');
    return { content: jsonOf(json, target), type: 'application/json' };
  }
  if (body === undefined) return NONE;
  if (typeof body === 'string') return { content: body, type: 'text/plain;charset=UTF-8' };
  if (body instanceof Uint8Array) return { content: body, type: undefined };
  if (body instanceof URLSearchParams) {
    return { content: body.toString(), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (body instanceof Readable) return { content: body, type: undefined };
  if (isIterable(body)) return { content: Readable.from(body), type: undefined };
  throw new HttpInvalidRequestError(
    target,
    'body must be a string, a Uint8Array, a URLSearchParams or an iterable of bytes',
  );
}

/** Whether it can be sent again. */
export function isReplayable({ content }: SentBody): boolean {
  return !(content instanceof Readable);
}

/** What was not sent to its end is let go of. */
export function letGo({ content }: SentBody): void {
  if (!(content instanceof Readable) || content.destroyed) return;
  content.on('error', () => undefined);
  content.destroy();
}

function jsonOf(json: unknown, target: HttpTarget): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(json) as string | undefined;
  } catch (cause) {
    throw new HttpInvalidRequestError(target, 'json cannot be written as JSON', { cause });
  }
  if (text !== undefined) return text;
  throw new HttpInvalidRequestError(target, 'json cannot be written as JSON');
}

function isIterable(body: Exclude<RequestBody, string | Uint8Array | URLSearchParams>): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    (Symbol.asyncIterator in body || Symbol.iterator in body)
  );
}
