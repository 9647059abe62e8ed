import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkFunction, checkKnown, systemClock, type Clock, type Unsubscribe } from '@perf/core';
import type { Registry } from '../registry/registry.ts';

/** Options of {@link collectHttpServer}. */
export interface HttpServerOptions {
  /**
   * The route of a request that was answered, with few different values: `/users/:id`, not `/users/7`.
   * @default the route that Express found, otherwise `''`
   */
  readonly route?: ((request: IncomingMessage, response: ServerResponse) => string) | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

interface Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const STARTED = 'http.server.request.start';
const FINISHED = 'http.server.response.finish';
const METHODS = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH'.split(' '));

/**
 * Times the requests that all HTTP servers of this process answer, as `http_request_duration_seconds` by method, route and status, and counts those under way. By
 * the diagnostics channels of `node:http`: no middleware, whatever the framework.
 * @returns ends it
 * @throws {@link MetricConflictError} when a metric has one of the names
 */
export function collectHttpServer(
  registry: Registry,
  options: HttpServerOptions = {},
): Unsubscribe {
  checkKnown('collectHttpServer', options, ['route', 'clock']);
  const { route = frameworkRoute, clock = systemClock } = options;
  checkFunction('route', route);
  const timer = registry.timer({
    name: 'http_request_duration_seconds',
    help: 'Requests that were answered',
    labels: ['method', 'route', 'status'],
  });
  const active = registry.gauge({ name: 'http_requests_active', help: 'Requests under way' });
  const starts = new WeakMap<IncomingMessage, number>();
  const begin = (message: unknown): void => {
    const { request, response } = message as Message;
    starts.set(request, clock.now());
    active.inc();
    // Also of those that nobody answers.
    response.once('close', () => {
      active.dec();
    });
  };
  const finish = (message: unknown): void => {
    const { request, response } = message as Message;
    const start = starts.get(request);
    if (start === undefined) return;
    const { method = '' } = request;
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route: routeOf(route, request, response),
      status: response.statusCode,
    };
    const outcome = response.statusCode < 500 ? 'success' : 'failure';
    timer.record(labels, Math.max(0, clock.now() - start), outcome);
  };
  subscribe(STARTED, begin);
  subscribe(FINISHED, finish);
  return () => {
    unsubscribe(STARTED, begin);
    unsubscribe(FINISHED, finish);
  };
}

/** What a subscriber throws ends the process. */
function routeOf(
  route: NonNullable<HttpServerOptions['route']>,
  request: IncomingMessage,
  response: ServerResponse,
): string {
  try {
    const found: unknown = route(request, response);
    return typeof found === 'string' ? found : '';
  } catch {
    return '';
  }
}

/** Express leaves the route at the request. */
function frameworkRoute(request: IncomingMessage): string {
  const { route, baseUrl } = request as IncomingMessage & {
    readonly route?: { readonly path?: unknown };
    readonly baseUrl?: unknown;
  };
  const path = route?.path;
  if (typeof path !== 'string') return '';
  return typeof baseUrl === 'string' ? baseUrl + path : path;
}
