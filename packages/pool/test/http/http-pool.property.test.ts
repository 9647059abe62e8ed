import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHttpPool, type HttpPool, type HttpResponse } from '../../src/http.ts';
import { rawResponse, startTcpServer } from './fixtures/http-server.ts';

/** What the server does with a request. */
const BEHAVIOURS = [
  'ok',
  'large',
  'chunked',
  'close',
  'silent-close',
  'unavailable',
  'redirect',
  'reset',
  'eof',
  'cut',
  'garbage',
  'never',
  'stalled-body',
] as const;
/** What the caller does with the response. */
const USES = ['text', 'stream', 'leave', 'ignore', 'discard', 'abort'] as const;

const LARGE = 'x'.repeat(200_000);

type Behaviour = (typeof BEHAVIOURS)[number];

const OK = rawResponse('200 OK', 'ok');
const WHOLE: Partial<Readonly<Record<Behaviour, string>>> = {
  ok: OK,
  large: rawResponse('200 OK', LARGE),
  chunked: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  unavailable: rawResponse('503 Service Unavailable', 'later', 'retry-after: 0'),
  redirect: rawResponse('302 Found', '', 'location: /ok'),
};

/** A server whose paths are what it does. */
function startUnreliable() {
  return startTcpServer((socket) => {
    socket.on('data', (data) => {
      const behaviour = /^\w+ \/([\w-]*)/.exec(String(data))?.[1] as Behaviour | undefined;
      const whole = behaviour === undefined ? undefined : WHOLE[behaviour];
      if (whole !== undefined) socket.write(whole);
      else if (behaviour === 'close') socket.end(rawResponse('200 OK', 'bye', 'connection: close'));
      else if (behaviour === 'silent-close') socket.end(OK);
      else if (behaviour === 'reset') socket.resetAndDestroy();
      else if (behaviour === 'eof') socket.end();
      else if (behaviour === 'cut') socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour');
      else if (behaviour === 'garbage') socket.end('what?\r\n\r\n');
      else if (behaviour === 'stalled-body') {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\nfour');
      }
    });
  });
}

async function consume(response: HttpResponse, use: (typeof USES)[number]): Promise<void> {
  if (use === 'text') await response.text();
  else if (use === 'stream') await response.stream().toArray();
  else if (use === 'discard') response.discard();
  else if (use === 'leave') {
    for await (const piece of response.stream()) if (piece !== undefined) break;
  }
}

const step = fc.record({
  behaviour: fc.constantFrom(...BEHAVIOURS),
  use: fc.constantFrom(...USES),
  origin: fc.nat(2),
  method: fc.constantFrom('GET', 'POST', 'HEAD'),
  priority: fc.nat(9),
  /** Turns of the loop until the caller gives up; only where it does, or nothing would end the request. */
  patience: fc.nat(12),
  isBounded: fc.boolean(),
  buffered: fc.boolean(),
});

it(
  'under any schedule limits hold, every caller is answered, and turns and connections come back',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (steps, max, perOrigin, drainsEarly) => {
          await using one = await startUnreliable();
          await using two = await startUnreliable();
          await using three = await startUnreliable();
          const servers = [one, two, three];
          const maxPerOrigin = Math.min(max, perOrigin);
          const pool = createHttpPool({
            max,
            maxPerOrigin,
            maxQueue: 30,
            retry: { maxAttempts: 3, backoff: [0, 1] },
            maxResponseSize: 500_000,
          });
          const clients = [pool, pool.client('narrow', { limits: { max: 1, maxQueue: 5 } })];
          const controllers: AbortController[] = [];
          const calls = steps.map(async (one, index) => {
            const controller = new AbortController();
            controllers.push(controller);
            const endless = ['never', 'stalled-body'].includes(one.behaviour);
            if (endless || one.use === 'abort' || one.use === 'ignore') {
              void turns(one.patience).then(() => {
                controller.abort();
              });
            }
            const response = await (clients[index % 2] as HttpPool).request(
              `${servers[one.origin]?.origin}/${one.behaviour}`,
              {
                method: one.method,
                priority: one.priority,
                signal: controller.signal,
                buffered: one.buffered,
              },
            );
            expectWithin(pool, max);
            await consume(response, one.use);
          });
          const ends = Promise.allSettled(calls);
          if (drainsEarly) await turns(3);
          else await ends;
          await pool.drain({ timeout: 0 });
          await ends;
          const stats = pool.stats();
          expect(stats).toMatchObject({
            active: 0,
            waiting: 0,
            connecting: 0,
            idle: 0,
            total: 0,
            origins: 0,
          });
          expect(stats.acquired).toBe(stats.released);
          expect(sum(stats.destroyed)).toBe(stats.created);
          let requests = 0;
          for (const client of Object.values(stats.clients)) {
            expect(client.active + client.waiting).toBe(0);
            expect(sum(client.responses) + sum(client.errors)).toBe(client.requests);
            expect(client.errors.other).toBe(0);
            requests += client.requests;
          }
          expect(requests).toBe(steps.length);
        },
      ),
      { numRuns: 25 },
    );
  },
);

function expectWithin(pool: HttpPool, max: number): void {
  const { active, idle } = pool.stats();
  expect(active + idle).toBeLessThanOrEqual(max);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise(setImmediate);
}
