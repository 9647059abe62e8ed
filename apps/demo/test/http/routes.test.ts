import { expect, test } from 'vitest';
import { createRoutes, type Call } from '../../src/http/routes.ts';
import type { CityService } from '../../src/service/city-service.ts';

// Nothing here reaches the service.
const routes = createRoutes({} as CityService);

test('GET / lists every endpoint, and examples that are answered', async () => {
  const { body } = await routes.match('GET', '/').handler({} as Call);
  const { endpoints, examples } = body as Record<string, readonly string[]>;
  expect(endpoints).toEqual([
    'GET /',
    'GET /cities/:id',
    'PUT /cities/:id/population',
    'GET /search',
    'GET /nearest',
    'GET /countries/:code/stats',
    'GET /stats',
    'GET /health',
  ]);
  expect(examples).toHaveLength(4);
  for (const example of examples ?? []) {
    const { pathname } = new URL(example, 'http://localhost');
    expect(() => routes.match('GET', pathname)).not.toThrow();
  }
});
