import { ClosedError, MissingDriverError } from '@perf/core';
import { StoreUnavailableError } from '@perf/cache-core';
import { missingDriver } from '../database/driver.ts';
import { codeOf } from '../database/failure.ts';
import { SqliteFileError, type SqliteFileProblem } from '../errors.ts';

/** An error on its way between threads. */
export type FailureMessage =
  | { readonly kind: 'missing-driver'; readonly cause: PlainError }
  | { readonly kind: 'file'; readonly path: string; readonly problem: SqliteFileProblem }
  | { readonly kind: 'closed' | 'other'; readonly cause: PlainError };

interface PlainError {
  readonly message: string;
  readonly code: string;
}

/** For the other thread to {@link failureFromMessage}. */
export function failureToMessage(error: unknown): FailureMessage {
  if (error instanceof MissingDriverError) {
    return { kind: 'missing-driver', cause: toPlain(error.cause) };
  }
  if (error instanceof SqliteFileError) {
    return { kind: 'file', path: error.path, problem: error.problem };
  }
  return {
    kind: error instanceof ClosedError ? 'closed' : 'other',
    cause: toPlain(error instanceof StoreUnavailableError ? error.cause : error),
  };
}

/** The error that the same call would have rejected with in this thread. */
export function failureFromMessage(
  store: string,
  operation: string,
  message: FailureMessage,
): Error {
  if (message.kind === 'file') return new SqliteFileError(message.path, message.problem);
  if (message.kind === 'closed') return new ClosedError(`store "${store}"`);
  const cause = fromPlain(message.cause);
  return message.kind === 'missing-driver'
    ? missingDriver(cause)
    : new StoreUnavailableError(store, operation, { cause });
}

/** An error in an event, without a call that it belongs to. */
export function causeOf(message: FailureMessage): Error {
  return message.kind === 'file'
    ? new SqliteFileError(message.path, message.problem)
    : fromPlain(message.cause);
}

function toPlain(error: unknown): PlainError {
  return { message: error instanceof Error ? error.message : String(error), code: codeOf(error) };
}

function fromPlain({ message, code }: PlainError): Error {
  return code === '' ? new Error(message) : Object.assign(new Error(message), { code });
}
