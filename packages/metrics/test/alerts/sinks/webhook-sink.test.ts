import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { ClosedError, ConfigError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AlertNotification } from '../../../src/alerts/alert.ts';
import type { WebhookOptions } from '../../../src/alerts/sinks/webhook-options.ts';
import { webhookSink, type WebhookSink } from '../../../src/alerts/sinks/webhook-sink.ts';
import { verifyWebhook } from '../../../src/alerts/sinks/webhook-signature.ts';
import { AlertDeliveryError } from '../../../src/errors.ts';

const SECRET = 'xoxb-a-secret-of-some-length';
const WAIT = { timeout: 15_000, interval: 5 };

function notification(name: string): AlertNotification {
  return {
    name,
    severity: 'critical',
    status: 'firing',
    value: 1.5,
    summary: `${name}: above 1`,
    labels: { team: 'a' },
    startsAt: 1_700_000_000_000,
    endsAt: undefined,
    isRepeated: false,
  };
}

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a receiver answers to each request: a status, or nothing at all. */
type Answer =
  | number
  | 'hang'
  | 'cut'
  | { readonly status: number; readonly headers: Record<string, string> };

const servers: Server[] = [];
const sinks: WebhookSink[] = [];

/** A real receiver, which answers what it is told to, and in the end 204. */
async function receiver(...answers: Answer[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const answer = answers.shift() ?? 204;
      if (answer === 'hang') return;
      if (answer === 'cut') response.destroy();
      else if (typeof answer === 'number') response.writeHead(answer).end();
      else response.writeHead(answer.status, answer.headers).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hooks/T0KEN?key=QUERY`, received };
}

function create(options: WebhookOptions): WebhookSink {
  const sink = webhookSink({ random: () => 0, ...options });
  sinks.push(sink);
  return sink;
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('was delivered');
    },
    (error: unknown) => error as Error,
  );
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
});

describe('webhookSink', () => {
  it('posts the notification as JSON, signed, to a receiver that can verify it', async () => {
    const { url, received } = await receiver();
    const sink = create({ url, secret: SECRET, headers: { authorization: 'Bearer abc' } });
    await sink.send(notification('memory'));
    expect(received).toHaveLength(1);
    const [{ headers, body }] = received as [Received];
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer abc',
    });
    expect(headers['x-perf-delivery']).toMatch(/^[\da-f-]{36}$/);
    expect(verifyWebhook(SECRET, headers['x-perf-signature'] as string, body, Date.now())).toBe(
      true,
    );
    expect(JSON.parse(body)).toEqual({
      version: 1,
      ...notification('memory'),
      startsAt: '2023-11-14T22:13:20.000Z',
      endsAt: null,
    });
    expect(sink.pending).toBe(0);
  });

  it('sends what a function makes of it', async () => {
    const { url, received } = await receiver();
    const sink = create({ url, payload: ({ name, status }) => ({ text: `${name} is ${status}` }) });
    await sink.send(notification('cpu'));
    expect(received[0]?.body).toBe('{"text":"cpu is firing"}');
    expect(received[0]?.headers['x-perf-signature']).toBeUndefined();
  });

  it('tries again what failed for a while, by the same delivery, ever later', async () => {
    const clock = new ManualClock();
    const { url, received } = await receiver(503, 429, 'cut', 204);
    const sent = create({ url, clock, retryDelay: '1s' }).send(notification('cpu'));
    for (const [attempts, pause] of [
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ] as const) {
      // The pause has begun once the answer was read and no deadline waits any more.
      await vi.waitFor(() => {
        expect([received.length, clock.pendingTimers, clock.keepAliveTimers]).toEqual([
          attempts,
          1,
          0,
        ]);
      }, WAIT);
      await clock.advanceAsync(pause - 1);
      expect(received).toHaveLength(attempts);
      await clock.advanceAsync(1);
    }
    await sent;
    expect(received).toHaveLength(4);
    expect(new Set(received.map(({ headers }) => headers['x-perf-delivery'])).size).toBe(1);
  });

  it('waits for as long as the receiver asks, up to a bound', async () => {
    const clock = new ManualClock();
    const busy = (seconds: string): Answer => ({
      status: 429,
      headers: { 'retry-after': seconds },
    });
    const { url, received } = await receiver(busy('7'), busy('86400'));
    const sent = create({ url, clock, maxRetryDelay: '20s' }).send(notification('cpu'));
    for (const [attempts, pause] of [
      [1, 7000],
      [2, 20_000],
    ] as const) {
      await vi.waitFor(() => {
        expect([received.length, clock.keepAliveTimers]).toEqual([attempts, 0]);
      }, WAIT);
      await clock.advanceAsync(pause - 1);
      expect(received).toHaveLength(attempts);
      await clock.advanceAsync(1);
    }
    await sent;
  });

  it('gives up what the receiver refuses, and goes on to the next', async () => {
    const { url, received } = await receiver(400, {
      status: 302,
      headers: { location: '/elsewhere' },
    });
    const sink = create({ url });
    const refused = await failure(sink.send(notification('a')));
    expect(refused).toBeInstanceOf(AlertDeliveryError);
    expect(refused.message).toContain('1 attempts: answered 400');
    expect((await failure(sink.send(notification('b')))).message).toContain('answered 302');
    await sink.send(notification('c'));
    expect(received).toHaveLength(3);
  });

  it('a receiver that hangs holds nobody up: attempts are timed out, the queue is bounded, the oldest is given up', async () => {
    const clock = new ManualClock();
    const { url, received } = await receiver(...Array.from({ length: 9 }, () => 'hang' as const));
    const sink = create({ url, clock, timeout: '5s', retries: 1, maxQueue: 3 });
    const failures: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      void failure(sink.send(notification(name))).then(({ message }) =>
        failures.push(`${name}: ${message}`),
      );
    }
    await settle();
    expect(sink.pending).toBe(3);
    expect(failures.map((line) => line.slice(0, 2))).toEqual(['b:', 'c:']);
    expect(failures[0]).toContain('others wait');
    await vi.waitFor(() => {
      expect(received).toHaveLength(1);
    }, WAIT);
    await clock.advanceAsync(5000);
    await clock.advanceAsync(1000);
    await vi.waitFor(() => {
      expect(received).toHaveLength(2);
    }, WAIT);
    await clock.advanceAsync(5000);
    expect(failures[2]).toContain('2 attempts: PERF_TIMEOUT');
    expect(sink.pending).toBe(2);
  });

  it('a fetch that minds no signal is timed out as well', async () => {
    const clock = new ManualClock();
    const sink = create({
      url: 'https://hooks.example.com/x',
      clock,
      retries: 0,
      fetch: () => new Promise(() => undefined),
    });
    const failed = failure(sink.send(notification('a')));
    await clock.advanceAsync(5000);
    expect((await failed).message).toContain('PERF_TIMEOUT');
  });

  it('closing delivers what waits without pauses, then refuses more', async () => {
    const { url, received } = await receiver(500);
    const sink = create({ url, retryDelay: '1h', maxRetryDelay: '1h' });
    const sent = [sink.send(notification('a')), sink.send(notification('b'))];
    await vi.waitFor(() => {
      expect(received).toHaveLength(1);
    }, WAIT);
    await sink.close();
    await Promise.all(sent);
    expect(received).toHaveLength(3);
    await expect(sink.send(notification('c'))).rejects.toBeInstanceOf(ClosedError);
  });

  it('closing ends in time while the receiver hangs', async () => {
    const clock = new ManualClock();
    const { url, received } = await receiver('hang', 'hang', 'hang');
    const sink = create({ url, clock, timeout: '1h', closeTimeout: '2s' });
    const failures = Promise.all(['a', 'b'].map((name) => failure(sink.send(notification(name)))));
    await vi.waitFor(() => {
      expect(received).toHaveLength(1);
    }, WAIT);
    const closed = sink.close();
    await clock.advanceAsync(2000);
    await closed;
    expect((await failures).every((error) => error instanceof AlertDeliveryError)).toBe(true);
  });

  it('a payload that cannot be made is told, and stops nothing', async () => {
    const { url, received } = await receiver();
    let isBroken = true;
    const sink = create({
      url,
      payload: () => {
        if (isBroken) throw new Error('no');
        return 1;
      },
    });
    expect((await failure(sink.send(notification('a')))).cause).toEqual(new Error('no'));
    isBroken = false;
    await sink.send(notification('b'));
    expect(received).toHaveLength(1);
  });

  it('neither the secret nor the URL is in an error, or to be seen in the sink', async () => {
    const { url } = await receiver(401, 'cut');
    const sink = create({
      url,
      secret: SECRET,
      headers: { authorization: 'Bearer HEADER' },
      retries: 0,
    });
    const shown = [
      await failure(sink.send(notification('a'))),
      await failure(sink.send(notification('b'))),
      await failure(
        create({ url: 'http://127.0.0.1:1/T0KEN?QUERY', retries: 0 }).send(notification('c')),
      ),
      sink,
      ...[
        { url: 'ftp://T0KEN.example.com/QUERY' },
        { url: 'https://user:T0KEN@example.com/' },
        { url: 'T0KEN' },
        { url, secret: 'xoxb-short' },
        { url, headers: { authorization: 'HEADER\n' } },
      ].map((options) => {
        try {
          return webhookSink(options);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          return error;
        }
      }),
    ];
    expect(shown).toHaveLength(9);
    for (const one of shown) {
      const text =
        inspect(one, { depth: 9, showHidden: true }) +
        JSON.stringify(one) +
        String((one as Error).stack);
      expect(text).not.toMatch(/T0KEN|QUERY|xoxb|HEADER/);
    }
  });
});
