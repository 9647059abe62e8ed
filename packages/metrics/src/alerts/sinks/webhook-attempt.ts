import { abortable, deadlineSignal } from '@perf/core';
import type { WebhookSettings } from './webhook-options.ts';
import { SIGNATURE_HEADER, signWebhook } from './webhook-signature.ts';

/** What became of an attempt. */
export type AttemptResult =
  | { readonly delivered: true }
  | {
      readonly delivered: false;
      /** Whether another one may do better. */
      readonly isPassing: boolean;
      /** In words; without anything of the URL but its origin. */
      readonly reason: string;
      /** Milliseconds that the server asks to wait for. */
      readonly retryAfter: number | undefined;
    };

/** Sends a body once. Never rejects, and ends within the timeout, or when the signal aborts. */
export async function attemptWebhook(
  { url, headers, secret, timeout, fetch, clock }: WebhookSettings,
  body: string,
  delivery: string,
  stop: AbortSignal,
): Promise<AttemptResult> {
  const { signal, release } = deadlineSignal(clock, 'the webhook', timeout, stop);
  try {
    // A `fetch` of somebody's own may not mind the signal.
    const response = await abortable(
      fetch(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          ...headers,
          'x-perf-delivery': delivery,
          ...(secret === undefined
            ? {}
            : { [SIGNATURE_HEADER]: signWebhook(secret, body, clock.epoch()) }),
        },
        // What it holds is for nobody else.
        redirect: 'manual',
        signal,
      }),
      signal,
    );
    // Nobody reads it, and an open one would hold the connection.
    response.body?.cancel().catch(() => undefined);
    return resultOf(response, clock.epoch());
  } catch (error) {
    return { delivered: false, isPassing: true, reason: reasonOf(error), retryAfter: undefined };
  } finally {
    release();
  }
}

function resultOf({ ok, status, headers }: Response, now: number): AttemptResult {
  if (ok) return { delivered: true };
  const isPassing = status === 408 || status === 429 || status >= 500;
  return {
    delivered: false,
    isPassing,
    reason: `answered ${status}`,
    retryAfter: retryAfterOf(headers.get('retry-after'), now),
  };
}

/** Seconds, or a date. */
function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) && wait > 0 ? wait : undefined;
}

/** The code of a system's error, else the name: messages may hold the URL. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly cause?: { readonly code?: unknown };
  };
  for (const word of [cause?.code, code, name]) {
    if (typeof word === 'string' && /^\w{1,80}$/.test(word)) return word;
  }
  return 'no answer';
}
