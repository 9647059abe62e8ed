/** How deep causes are followed. */
const DEPTH = 8;

/** Whether the test holds for the error, for one of the causes below it, or for one of several that came together. */
export function someInChain(
  error: unknown,
  test: (error: ErrorLike) => boolean,
  depth: number = DEPTH,
): boolean {
  if (depth === 0 || typeof error !== 'object' || error === null) return false;
  if (test(error)) return true;
  const { cause, errors } = error as ErrorLike;
  return (
    someInChain(cause, test, depth - 1) ||
    (Array.isArray(errors) && errors.some((one) => someInChain(one, test, depth - 1)))
  );
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
