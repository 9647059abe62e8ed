import { TimeoutError } from '@perf/core';
import { inspect } from 'node:util';
import { RefusedError } from '../errors.ts';
import type { CallContext } from './call-context.ts';
import type { Result } from './resilience-policy.ts';

/** What an outcome tells of the thing that was called: it works, it fails, or nothing. */
export type Verdict = 'success' | 'failure' | 'ignore';

/**
 * Judges how a call ended. It is not asked about calls whose caller gave up, which are ignored. One that throws, or returns something
 * else, is reported by `process.emitWarning` as a `PerfClassifierError`, and the default holds.
 */
export type Classifier = (outcome: Result<unknown>) => Verdict;

/**
 * What an outcome counts as. By default a value is a success, and a rejection a failure, but for an `AbortError` and the refusal of a
 * policy of ours ({@link RefusedError}), which are ignored. What fails once its signal has aborted is ignored, unless the reason is a
 * timeout: that it took too long is a failure of what was called, that nobody wanted it any more is not.
 */
export function verdictOf(
  ok: boolean,
  result: unknown,
  call: CallContext,
  classify: Classifier | undefined,
): Verdict {
  if (!ok && call.aborted && !isTimeout(call.reason)) return 'ignore';
  if (classify === undefined) return ok ? 'success' : verdictOfError(result, call);
  try {
    const verdict = classify(ok ? { ok, value: result } : { ok, error: result });
    if (verdict === 'success' || verdict === 'failure' || verdict === 'ignore') return verdict;
    reportClassifier(`returned ${inspect(verdict, { depth: 0 })}`);
  } catch (error) {
    reportClassifierError(error);
  }
  return ok ? 'success' : verdictOfError(result, call);
}

function verdictOfError(error: unknown, call: CallContext): Verdict {
  // Aborted by a timeout: the abort that the function reports is that timeout.
  if (call.aborted) return 'failure';
  return isAbort(error) || isRefusal(error) ? 'ignore' : 'failure';
}

// What was thrown may itself throw when it is looked at, as a revoked proxy does: it is none of these then.

/** Whether it is what `AbortController.abort()` and those who obey it throw. */
export function isAbort(error: unknown): boolean {
  try {
    return error instanceof Error && error.name === 'AbortError';
  } catch {
    return false;
  }
}

/** Whether it is the refusal of a policy of ours. */
export function isRefusal(error: unknown): boolean {
  try {
    return error instanceof RefusedError;
  } catch {
    return false;
  }
}

/** Whether it tells that something took too long: ours, or that of `AbortSignal.timeout`. */
export function isTimeout(error: unknown): boolean {
  try {
    return (
      error instanceof TimeoutError || (error instanceof Error && error.name === 'TimeoutError')
    );
  } catch {
    return false;
  }
}

/** What a classifier threw, which a default stands in for. */
export function reportClassifierError(error: unknown): void {
  reportClassifier(`failed: ${describe(error)}`);
}

function reportClassifier(what: string): void {
  process.emitWarning(`a classifier of outcomes ${what}`, { type: 'PerfClassifierError' });
}

/** What was thrown can be anything, even something that throws when it is looked at. */
function describe(error: unknown): string {
  try {
    return inspect(error, { customInspect: false });
  } catch {
    return 'with something that cannot be shown';
  }
}
