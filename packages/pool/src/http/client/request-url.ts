import { HttpInvalidRequestError, type HttpTarget } from '../errors.ts';
import type { HttpRequestOptions } from './request-options.ts';

/** Where a request goes. */
export interface Address {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** Needs no parsing: it stays as it is, whatever it is put behind. */
const PLAIN = /^\/[\w\-~!$&()*+,;=:@/?]*$/;

/**
 * Where requests of one client go: with a base, below that and nowhere else, so that headers which are a secret between the two reach
 * nobody else.
 */
export class Addressing {
  readonly #base: Address | undefined;

  constructor(baseUrl: URL | undefined) {
    if (baseUrl === undefined) return;
    this.#base = { origin: baseUrl.origin, path: baseUrl.pathname.replace(/\/+$/, '') };
  }

  /** What errors name before the address is known. */
  get origin(): string {
    return this.#base?.origin ?? '(no origin)';
  }

  /** @throws {@link HttpInvalidRequestError}, which does not show the URL: there may be a secret in it */
  resolve(url: string | URL, query: HttpRequestOptions['query'], target: HttpTarget): Address {
    const base = this.#base;
    if (base !== undefined && query === undefined && typeof url === 'string' && PLAIN.test(url)) {
      return { origin: base.origin, path: base.path + url };
    }
    const parsed = this.#parse(url, target);
    if (parsed.username !== '' || parsed.password !== '') {
      throw new HttpInvalidRequestError(
        target,
        'the URL has a user or password; send the header authorization instead',
      );
    }
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value === undefined) continue;
      for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) {
        parsed.searchParams.append(name, String(one));
      }
    }
    return { origin: parsed.origin, path: parsed.pathname + parsed.search };
  }

  #parse(url: string | URL, target: HttpTarget): URL {
    const base = this.#base;
    const text = String(url);
    const isPath = base !== undefined && /^[/?]/.test(text);
    const absolute = isPath ? base.origin + base.path + text : text;
    const parsed = URL.canParse(absolute) ? new URL(absolute) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      throw new HttpInvalidRequestError(
        target,
        base === undefined
          ? 'the URL must be absolute, of http or https; or give the client a baseUrl'
          : 'the URL must begin with /, or be absolute, of http or https',
      );
    }
    const isBelow =
      base === undefined ||
      (parsed.origin === base.origin && `${parsed.pathname}/`.startsWith(`${base.path}/`));
    if (isBelow) return parsed;
    throw new HttpInvalidRequestError(
      target,
      'the URL is not below the baseUrl of the client; use another client for it',
    );
  }
}
