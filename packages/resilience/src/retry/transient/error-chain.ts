/** How many errors are looked at: they may refer to each other in a circle. */
const MOST = 64;

/** Whether the test holds for the error, for one of the causes below it, or for one of several that came together. */
export function someInChain(error: unknown, test: (error: ErrorLike) => boolean): boolean {
  const found = [error];
  for (let at = 0; at < Math.min(found.length, MOST); at++) {
    const one = found[at];
    if (typeof one !== 'object' || one === null) continue;
    try {
      if (test(one)) return true;
      const { cause, errors } = one as ErrorLike;
      if (cause !== undefined) found.push(cause);
      if (Array.isArray(errors)) found.push(...(errors.slice(0, MOST) as unknown[]));
    } catch {
      // It throws when it is looked at: it tells nothing.
    }
  }
  return false;
}

/** What drivers put on their errors. */
export interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly response?: unknown;
  readonly headers?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}
