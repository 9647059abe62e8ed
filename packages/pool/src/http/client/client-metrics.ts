import type { Clock } from '@perf/core';
import { RefusedError } from '@perf/resilience';
import { PoolAcquireError } from '../../errors.ts';
import { TimingWindow } from '../../statistics/timing-window.ts';
import { HTTP_ERROR_KINDS, HttpError, type HttpErrorKind } from '../errors.ts';
import type { HttpClientStats } from '../telemetry.ts';

/** Counters of one client. */
export class ClientMetrics {
  requests = 0;
  active = 0;
  retries = 0;
  redirects = 0;
  readonly latency: TimingWindow;
  readonly errors: Record<HttpErrorKind, number> = noErrors();
  readonly bodyErrors: Record<HttpErrorKind, number> = noErrors();
  /** By the first digit of the status. */
  readonly #responses = [0, 0, 0, 0, 0, 0];

  constructor(clock: Clock) {
    this.latency = new TimingWindow(clock);
  }

  answered(status: number): void {
    const digit = Math.min(5, Math.trunc(status / 100));
    this.#responses[digit] = (this.#responses[digit] ?? 0) + 1;
  }

  read(name: string, waiting: number): HttpClientStats {
    const [, , successes = 0, redirects = 0, mistakes = 0, failures = 0] = this.#responses;
    return {
      name,
      requests: this.requests,
      active: this.active,
      waiting,
      responses: { '2xx': successes, '3xx': redirects, '4xx': mistakes, '5xx': failures },
      errors: { ...this.errors },
      bodyErrors: { ...this.bodyErrors },
      retries: this.retries,
      redirects: this.redirects,
      latencyMs: this.latency.read(),
    };
  }
}

/** @param signal of the caller: what it gave up on failed of nothing else */
export function kindOf(error: unknown, signal: AbortSignal | undefined): HttpErrorKind {
  if (signal?.aborted === true && error === signal.reason) return 'aborted';
  if (error instanceof HttpError) return error.kind;
  if (error instanceof PoolAcquireError) return 'pool';
  return error instanceof RefusedError ? 'refused' : 'other';
}

function noErrors(): Record<HttpErrorKind, number> {
  return Object.fromEntries(HTTP_ERROR_KINDS.map((kind) => [kind, 0])) as Record<
    HttpErrorKind,
    number
  >;
}
