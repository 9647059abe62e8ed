import { HttpError } from './http-error.ts';

/** The parts of a path that a route's `:names` matched, decoded. */
export type PathParameters = Readonly<Record<string, string>>;

interface Route<Handler> {
  readonly segments: readonly string[];
  readonly byMethod: Map<string, Handler>;
}

/** What a request is for. */
export interface Match<Handler> {
  readonly handler: Handler;
  readonly parameters: PathParameters;
}

/** Finds handlers by method and path; paths are like `/cities/:id`. */
export class Router<Handler> {
  readonly #routes: Route<Handler>[] = [];

  /** Every method with its path, in the order in which they were added. */
  get endpoints(): readonly string[] {
    return this.#routes.flatMap(({ segments, byMethod }) =>
      [...byMethod.keys()].map((method) => `${method} /${segments.join('/')}`),
    );
  }

  /** Adds a handler. Returns the router. */
  on(method: string, path: string, handler: Handler): this {
    const segments = split(path);
    const known = this.#routes.find((route) => route.segments.join('/') === segments.join('/'));
    if (known === undefined) {
      this.#routes.push({ segments, byMethod: new Map([[method, handler]]) });
    } else known.byMethod.set(method, handler);
    return this;
  }

  /**
   * The handler of a request.
   * @throws {@link HttpError} 404 for an unknown path, 405 for an unknown method of a known one, 400
   * for a path that cannot be decoded
   */
  match(method: string, pathname: string): Match<Handler> {
    const segments = split(pathname).map(decode);
    for (const route of this.#routes) {
      const parameters = matchSegments(route.segments, segments);
      if (parameters === undefined) continue;
      const handler = route.byMethod.get(method);
      if (handler !== undefined) return { handler, parameters };
      const allow = [...route.byMethod.keys()].join(', ');
      throw new HttpError(405, 'method_not_allowed', `use ${allow}`, { allow });
    }
    throw new HttpError(404, 'no_such_path', 'there is nothing at this path');
  }
}

function split(path: string): readonly string[] {
  return path.replace(/^\//, '').split('/');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, 'bad_path', 'the path is not correctly percent-encoded');
  }
}

function matchSegments(
  expected: readonly string[],
  given: readonly string[],
): PathParameters | undefined {
  if (expected.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const part = given[index] ?? '';
    if (segment.startsWith(':')) parameters[segment.slice(1)] = part;
    else if (segment !== part) return undefined;
  }
  return parameters;
}
