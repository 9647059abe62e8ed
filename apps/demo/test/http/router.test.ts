import { expect, test } from 'vitest';
import { Router } from '../../src/http/router.ts';

const router = new Router<string>()
  .on('GET', '/cities/:id', 'read')
  .on('PUT', '/cities/:id/population', 'write')
  .on('GET', '/health', 'health')
  .on('POST', '/health', 'check');

test('a path is matched whole, and its parameters are decoded', () => {
  expect(router.match('GET', '/cities/7')).toEqual({ handler: 'read', parameters: { id: '7' } });
  expect(router.match('GET', '/cities/a%2Fb%20c').parameters).toEqual({ id: 'a/b c' });
  expect(router.match('PUT', '/cities/7/population').handler).toBe('write');
});

test('the method chooses among the handlers of a path', () => {
  expect(router.match('GET', '/health').handler).toBe('health');
  expect(router.match('POST', '/health').handler).toBe('check');
});

test('an unknown method of a known path is 405 and names the known ones', () => {
  expect(() => router.match('DELETE', '/health')).toThrow(
    expect.objectContaining({ status: 405, headers: { allow: 'GET, POST' } }),
  );
});

test.each(['/', '/cities', '/cities/7/', '/cities/7/population/x', '//cities/7', '/CITIES/7'])(
  '%s is 404',
  (path) => {
    expect(() => router.match('GET', path)).toThrow(expect.objectContaining({ status: 404 }));
  },
);

test('a path that cannot be decoded is 400', () => {
  expect(() => router.match('GET', '/cities/%ff')).toThrow(
    expect.objectContaining({ status: 400 }),
  );
});

test('a parameter named like a property of objects is only text', () => {
  expect(router.match('GET', '/cities/__proto__').parameters['id']).toBe('__proto__');
});
