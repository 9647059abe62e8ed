import { Readable } from 'node:stream';
import {
  HttpDecodeError,
  HttpError,
  HttpResponseTooLargeError,
  type HttpTarget,
} from '../errors.ts';
import type { ReceivedHeaders } from '../driver.ts';
import { codingsOf, decode, DecodedTooLarge, decodeStream } from './decoding.ts';
import type { ResponseBody } from './response-body.ts';

/**
 * A response. Its body can be had once, by one of the methods. The connection is free for the next request as soon as the body has come to its
 * end, which a small one does by itself; a large one is waited for with `timeouts.body`, and then given up.
 */
export interface HttpResponse extends AsyncDisposable {
  readonly status: number;
  readonly statusText: string;
  /** Whether the status is from 200 to 299. */
  readonly ok: boolean;
  /** Names in small letters. Where the body is decompressed, `content-encoding` and `content-length` are left out. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Where it came from, redirects followed. */
  readonly url: string;
  /** Whether the body has been asked for. */
  readonly bodyUsed: boolean;
  /**
   * The body. Rejects with an {@link HttpError}: of kind `tooLarge`, `decode`, `timeout`, `reset` or `bodyUsed`; or with the reason of the
   * request's signal.
   */
  bytes(): Promise<Uint8Array>;
  /** As {@link bytes}, as UTF-8. */
  text(): Promise<string>;
  /** As {@link bytes}, as JSON. */
  json(): Promise<unknown>;
  /**
   * The body piece by piece, at the reader's pace. Ends with the error that {@link bytes} would reject with. The bounds of time and size hold
   * here, too: raise `timeouts.request` and `maxResponseSize` for what is long. @throws HttpBodyUsedError
   */
  stream(): Readable;
  /** Says that the body is not wanted. Idempotent, and harmless after the others. */
  discard(): void;
}

/** What a body may come to, and how it is read. */
export interface BodyTerms {
  readonly maxResponseSize: number;
  readonly decompress: boolean;
}

/** A {@link HttpResponse} of one exchange. */
export class ReceivedResponse implements HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: ReceivedHeaders;
  readonly url: string;
  /** A status that may pass, of a request that may be sent again. */
  readonly isRetryable: boolean;
  readonly #target: HttpTarget;
  readonly #terms: BodyTerms;
  readonly #body: ResponseBody;
  readonly #codings: ReturnType<typeof codingsOf>;
  readonly #length: number;
  #kept: Buffer | undefined;

  constructor(
    status: number,
    statusText: string,
    headers: ReceivedHeaders,
    body: ResponseBody,
    call: HttpTarget & { readonly path: string; readonly terms: BodyTerms },
    isRetryable: boolean,
  ) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.url = call.origin + call.path;
    this.isRetryable = isRetryable;
    this.#target = call;
    this.#terms = call.terms;
    this.#body = body;
    this.#length = Number(headers['content-length'] ?? Infinity);
    const hasBody = call.method !== 'HEAD' && status !== 204 && status !== 304;
    if (!hasBody || !call.terms.decompress || headers['content-encoding'] === undefined) return;
    this.#codings = codingsOf(headers['content-encoding']);
    if (this.#codings === undefined) return;
    delete headers['content-encoding'];
    delete headers['content-length'];
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get bodyUsed(): boolean {
    return this.#body.isUsed && this.#kept === undefined;
  }

  /** Has the whole body come before anybody asks for it. Rejects as {@link bytes}. */
  async keep(): Promise<void> {
    this.#kept = await this.#body.collect();
  }

  async bytes(): Promise<Buffer> {
    const raw = this.#takeKept() ?? (await this.#body.collect());
    if (this.#codings === undefined || this.#codings.length === 0) return raw;
    try {
      return await decode(raw, this.#codings, this.#terms.maxResponseSize);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async text(): Promise<string> {
    const bytes = await this.bytes();
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return bytes.toString('utf8', hasMark ? 3 : 0);
  }

  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // What the parser says has a piece of the body in it.
      const type = String(this.headers['content-type'] ?? 'no content-type');
      throw new HttpDecodeError(
        this.#target,
        `the body is no JSON (status ${this.status}, ${text.length} characters, ${type})`,
      );
    }
  }

  stream(): Readable {
    const kept = this.#takeKept();
    const raw = kept === undefined ? this.#body.stream() : Readable.from([kept]);
    if (this.#codings === undefined || this.#codings.length === 0) return raw;
    return Readable.from(this.#decoded(raw, this.#codings), { objectMode: false });
  }

  discard(): void {
    this.#kept = undefined;
    this.#body.discard(this.#length - this.#body.received);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.discard();
  }

  async *#decoded(
    raw: Readable,
    codings: NonNullable<ReturnType<typeof codingsOf>>,
  ): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* decodeStream(raw, codings, this.#terms.maxResponseSize);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      raw.destroy();
    }
  }

  #takeKept(): Buffer | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  #failure(error: unknown): unknown {
    if (error instanceof DecodedTooLarge) {
      return new HttpResponseTooLargeError(this.#terms.maxResponseSize, this.#target);
    }
    const { code } = error as NodeJS.ErrnoException;
    const isOfZlib = typeof code === 'string' && /^(Z_|ERR_)/.test(code);
    if (error instanceof HttpError || !isOfZlib) return error;
    return new HttpDecodeError(this.#target, 'the body could not be decompressed', {
      cause: error,
    });
  }
}
