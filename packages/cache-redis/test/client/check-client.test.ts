import { describe, expect, it } from 'vitest';
import { ConfigError } from '@perf/core';
import { redisBus, redisStore, type RedisClient } from '../../src/index.ts';
import { clientOf, clusterClientOf, DRIVERS } from '../fixtures/drivers.ts';

const SERVER = { host: '127.0.0.1', port: 1, password: undefined };
const NODES = { nodes: [SERVER as never], password: undefined };

/** The refusal's option, or that there was none. */
function refusalOf(client: RedisClient): string {
  try {
    redisStore({ client, prefix: 'p' });
    return 'taken';
  } catch (error) {
    return error instanceof ConfigError ? error.option : String(error);
  }
}

describe.each(DRIVERS)('a client of $version that is handed in', (one) => {
  it('is taken with the settings of the README, and not connected', () => {
    const client = clientOf(one, SERVER);
    expect(refusalOf(client)).toBe('taken');
    expect(client.status).toBe('wait');
    expect(refusalOf(clusterClientOf(one, NODES))).toBe('taken');
  });

  it.each([
    ['enableOfflineQueue', true],
    ['enableOfflineQueue', undefined],
    ['autoResendUnfulfilledCommands', true],
    ['autoResendUnfulfilledCommands', undefined],
    ['commandTimeout', undefined],
    ['commandTimeout', 0],
    ['commandTimeout', Infinity],
    ['maxRetriesPerRequest', null],
    ['maxRetriesPerRequest', 1000],
    ['keyPrefix', 'x:'],
    ['readOnly', true],
    ['role', 'slave'],
    ['enableAutoPipelining', true],
  ])('is refused with %s %j, by the name of the setting', (name, value) => {
    const client = clientOf(one, SERVER, { [name]: value });
    expect(refusalOf(client)).toBe(`client.options.${name}`);
  });

  it('says what to set', () => {
    const client = clientOf(one, SERVER, { enableOfflineQueue: true });
    expect(() => redisStore({ client, prefix: 'p' })).toThrow(
      'client.options.enableOfflineQueue must be false: a write that was given up would be sent later, got true',
    );
    expect(() => redisBus({ client, prefix: 'p' })).toThrow(/enableOfflineQueue/);
  });

  it.each([
    ['enableOfflineQueue', true],
    ['scaleReads', 'slave'],
    ['scaleReads', 'all'],
    ['retryDelayOnFailover', undefined],
    ['retryDelayOnFailover', 100],
    ['retryDelayOnClusterDown', undefined],
    ['retryDelayOnTryAgain', 100],
    ['maxRedirections', 0],
    ['keyPrefix', 'x:'],
    ['enableAutoPipelining', true],
  ])('is refused as a cluster with %s %j', (name, value) => {
    expect(refusalOf(clusterClientOf(one, NODES, { [name]: value }))).toBe(
      `client.options.${name}`,
    );
  });

  it('is refused as a cluster whose nodes have no command timeout, or send again by themselves', () => {
    expect(refusalOf(clusterClientOf(one, NODES, { redisOptions: {} }))).toBe(
      'client.options.redisOptions.commandTimeout',
    );
    const resending = clusterClientOf(one, NODES, {
      clusterNodeRetryStrategy: () => 100,
      redisOptions: { commandTimeout: 100 },
    });
    expect(refusalOf(resending)).toBe('client.options.redisOptions.autoResendUnfulfilledCommands');
  });
});

it.each([null, {}, 'redis://localhost', { options: {} }])('%j is no client', (client) => {
  expect(() => redisStore({ client: client as never, prefix: 'p' })).toThrow(ConfigError);
});
