import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpError } from './http-error.ts';
import type { Call, Handler, Reply } from './routes.ts';
import type { Router } from './router.ts';

/** A server that listens. */
export interface HttpServer {
  /** Such as `http://127.0.0.1:40000`. */
  readonly origin: string;
  /** Lets requests under way finish, at most for the grace period, and stops. Idempotent. */
  close(): Promise<void>;
}

/** How long requests under way may take when the server closes, in milliseconds. */
const GRACE = 2000;

/**
 * Serves the routes on 127.0.0.1.
 * @param port 0 for a free one
 * @param onError is told of failures that the client only sees as 500
 */
export async function serve(
  routes: Router<Handler>,
  port: number,
  onError: (error: unknown) => void,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void answer(routes, request, response, onError);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  let closing: Promise<void> | undefined;
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      closing ??= new Promise((resolve) => {
        const force = setTimeout(() => {
          server.closeAllConnections();
        }, GRACE);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      });
      return closing;
    },
  };
}

/** Answers one request. Never rejects. */
async function answer(
  routes: Router<Handler>,
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const { handler, ...call } = read(routes, request);
    send(response, await handler(call));
  } catch (error) {
    if (error instanceof HttpError) {
      const { status, code, message, headers } = error;
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) response.setHeader(name, value);
      }
      send(response, { status, body: { error: { code, message } } });
      return;
    }
    onError(error);
    const body = { error: { code: 'internal', message: 'the request could not be answered' } };
    send(response, { status: 500, body });
  }
}

function read(routes: Router<Handler>, request: IncomingMessage): Call & { handler: Handler } {
  // The host is of no interest; a base makes the path a URL.
  const target = request.url ?? '/';
  const base = 'http://service';
  if (!target.startsWith('/') || !URL.canParse(base + target)) {
    throw new HttpError(400, 'bad_path', 'the request target must be a path');
  }
  const { pathname, searchParams } = new URL(base + target);
  const fresh = /\bno-cache\b/i.test(request.headers['cache-control'] ?? '');
  return {
    ...routes.match(request.method ?? 'GET', pathname),
    request,
    query: searchParams,
    freshness: fresh ? 'fresh' : 'cached',
  };
}

function send(response: ServerResponse, { status = 200, body, tier }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    ...(tier !== undefined && { 'x-cache': tier }),
  });
  response.end(bytes);
}
