import { channel } from 'node:diagnostics_channel';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCache } from '@perf/cache-core';
import { circuitBreaker } from '@perf/resilience';
import { expect, test, vi } from 'vitest';
import {
  collectChannels,
  collectHttpServer,
  collectMemory,
  createRegistry,
} from '../../src/index.ts';
import { valuesOf } from '../fixtures/read-text.ts';

test('what packages publish becomes timers and counters, until it is ended', async () => {
  const registry = createRegistry();
  const end = collectChannels(registry);
  const cache = createCache<number>({ name: 'users', ttl: '1m' });
  await cache.getOrSet('a', async () => 1);
  await expect(cache.getOrSet('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await cache.delete('a');
  circuitBreaker({ name: 'mail' }).isolate();
  expect(await valuesOf(registry, 'cache_load_duration_seconds_count')).toEqual({
    'users,success': 1,
    'users,failure': 1,
  });
  expect(await valuesOf(registry, 'circuit_breaker_transitions_total')).toEqual({
    'mail,closed,isolated': 1,
  });
  end();
  await cache.getOrSet('c', async () => 1);
  expect(await valuesOf(registry, 'cache_load_duration_seconds_count')).toMatchObject({
    'users,success': 1,
  });
  await cache.close();
});

test('queries and requests become the series that dashboards ask for', async () => {
  const registry = createRegistry();
  const end = collectChannels(registry);
  channel('perf:pool:query').publish({ pool: 'main', operation: 'select', duration: 12 });
  channel('perf:http:request').publish({ method: 'GET', route: '/', status: 503, duration: 250 });
  expect(await valuesOf(registry, 'database_query_duration_seconds_sum')).toMatchObject({
    'main,select,success': 0.012,
  });
  expect(await valuesOf(registry, 'http_request_duration_seconds_sum')).toMatchObject({
    'GET,/,503,failure': 0.25,
  });
  end();
});

test('messages that are none are ignored, and break nobody', async () => {
  const registry = createRegistry();
  const end = collectChannels(registry);
  for (const message of [
    undefined,
    null,
    7,
    'x',
    {},
    { duration: 'x' },
    { duration: Number.NaN },
  ]) {
    channel('perf:pool:query').publish(message);
    channel('perf:breaker:state').publish(message);
  }
  channel('perf:pool:query').publish({ pool: Symbol('odd'), duration: -1 });
  expect(await valuesOf(registry, 'database_query_duration_seconds_sum')).toEqual({
    ',,success': 0,
    ',,failure': 0,
  });
  end();
});

test('every HTTP server of the process is timed by method, route and status', async () => {
  const registry = createRegistry();
  const end = collectHttpServer(registry, {
    route: ({ url = '' }) => {
      if (url === '/throws') throw new Error('a route that is not found');
      return url.replace(/\d+/, ':id');
    },
  });
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/fails' ? 500 : 200;
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const path of ['/users/1', '/users/2', '/fails', '/throws']) {
    await new Promise<void>((resolve, reject) => {
      get({ port, path, agent: false }, (response) => response.resume().once('end', resolve)).once(
        'error',
        reject,
      );
    });
  }
  await vi.waitFor(
    async () => {
      expect(await valuesOf(registry, 'http_request_duration_seconds_count')).toMatchObject({
        'GET,/users/:id,200,success': 2,
        'GET,/fails,500,failure': 1,
        'GET,,200,success': 1,
      });
      expect(await valuesOf(registry, 'http_requests_active')).toEqual({ '': 0 });
    },
    { timeout: 10_000 },
  );
  end();
  await new Promise((resolve) => server.close(resolve));
});

test('the memory of the process is told by kind', async () => {
  const registry = createRegistry();
  collectMemory(registry);
  const values = await valuesOf(registry, 'memory_usage_bytes');
  expect(Object.keys(values)).toEqual([
    'rss',
    'heap_used',
    'heap_total',
    'external',
    'array_buffers',
  ]);
  expect(values['rss']).toBeGreaterThan(10_000_000);
});
