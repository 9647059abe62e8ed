import { isTransientResponse, retry, retryBudget, type Retry } from '@perf/resilience';
import { HttpError } from '../errors.ts';
import { ReceivedResponse } from '../exchange/response.ts';
import type { HttpEmitter } from '../telemetry.ts';
import type { ClientMetrics } from './client-metrics.ts';
import type { HttpClientSettings, RetryEnvironment } from './client-options.ts';

const BACKOFF = { kind: 'exponential', base: 100, factor: 2, max: 800, jitter: 'equal' } as const;
const MAX_ATTEMPTS = 4;

/**
 * The retries of one client, all against one budget. Whether a further try makes sense and does no harm, responses and errors say themselves.
 * @returns `undefined` when there are none
 * @throws {@link ConfigError} naming the option that is refused
 */
export function retrying(
  client: string,
  settings: HttpClientSettings,
  { clock, random }: RetryEnvironment,
  metrics: ClientMetrics,
  events: HttpEmitter,
): Retry | undefined {
  const options = settings.retry;
  if (options === false) return undefined;
  const policy = retry({
    name: client,
    clock,
    random,
    maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
    backoff: options.backoff ?? BACKOFF,
    retryIf: (error) => error instanceof HttpError && error.retryable,
    retryIfValue: (response) => (response as ReceivedResponse).isRetryable,
    budget: options.budget ?? retryBudget({ clock }),
    ...(options.maxRetryAfter === undefined ? {} : { maxRetryAfter: options.maxRetryAfter }),
  });
  policy.on('retry', ({ attempt, delay, error }) => {
    metrics.retries++;
    const response = error instanceof ReceivedResponse ? error : undefined;
    // Now, not at the next try: its connection would be held while nothing is done.
    response?.discard();
    events.retry({
      client,
      attempt,
      delay,
      error: response === undefined ? error : undefined,
      status: response?.status,
    });
  });
  return policy;
}

/** Which statuses may pass. */
export function transientStatuses({ retry }: HttpClientSettings): (status: number) => boolean {
  const statuses = retry === false ? undefined : retry.statuses;
  if (statuses === undefined) return (status) => status >= 400 && isTransientResponse({ status });
  const set = new Set(statuses);
  return (status) => set.has(status);
}
