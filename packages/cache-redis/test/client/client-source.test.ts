import { ConfigError, MissingDriverError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { resolveSource, type ClientSource } from '../../src/client/client-source.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';

const SERVER = { host: '127.0.0.1', port: 1, password: undefined };

function refusalOf(source: ClientSource): ConfigError {
  try {
    resolveSource('redisStore', source);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('it was taken');
}

/** The options of the client that would be made. */
async function settingsOf(source: ClientSource): Promise<Readonly<Record<string, unknown>>> {
  const maker = resolveSource('redisStore', source, () => Promise.resolve(DRIVERS[0].driver));
  const client = await maker.make();
  client.disconnect();
  return client.options as Readonly<Record<string, unknown>>;
}

describe('resolveSource', () => {
  it('reads an address', async () => {
    const url = 'rediss://us%40er:p%3Ass@[::1]:7000/3';
    const settings = await settingsOf({ url });
    expect(settings).toMatchObject({
      host: '::1',
      port: 7000,
      username: 'us@er',
      password: 'p:ss',
      db: 3,
      tls: {},
    });
    expect(resolveSource('redisStore', { url }).database).toBe(3);
  });

  it('makes clients that are lazy and send nothing later', async () => {
    for (const source of [{ url: 'redis://localhost' }, { connection: { host: 'localhost' } }]) {
      expect(await settingsOf(source)).toMatchObject({
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        lazyConnect: true,
        commandTimeout: 5000,
        socketTimeout: 5000,
      });
    }
    const cluster = await settingsOf({
      cluster: [{ host: 'localhost' }],
      connection: { password: 'secret' },
    });
    expect(cluster).toMatchObject({
      enableOfflineQueue: false,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: 0,
      scaleReads: 'master',
      redisOptions: { password: 'secret', commandTimeout: 5000 },
    });
  });

  it('lets the options of the connection be set beside the address', async () => {
    const settings = await settingsOf({
      url: 'redis://localhost',
      connection: { connectTimeout: 77, connectionName: 'mine' },
    });
    expect(settings).toMatchObject({ host: 'localhost', connectTimeout: 77 });
  });

  it('wants one place, not none and not two', () => {
    expect(refusalOf({}).option).toBe('client');
    const url = 'redis://localhost';
    const client = clientOf(DRIVERS[0], SERVER);
    expect(refusalOf({ client, url }).option).toBe('url');
    expect(refusalOf({ client, connection: {} }).option).toBe('connection');
    expect(refusalOf({ url, cluster: [{ host: 'a' }] }).option).toBe('cluster');
  });

  it('refuses what would let a write land late', () => {
    for (const name of ['enableOfflineQueue', 'autoResendUnfulfilledCommands', 'lazyConnect']) {
      expect(refusalOf({ connection: { [name]: true } }).option).toBe(`connection.${name}`);
    }
    expect(refusalOf({ connection: { keyPrefix: 'x' } }).option).toBe('connection.keyPrefix');
    const cluster = [{ host: 'localhost' }];
    expect(refusalOf({ cluster, connection: { commandTimeout: 0 } }).option).toBe(
      'connection.commandTimeout',
    );
  });

  it('refuses a cluster without nodes, and a node without a host', () => {
    expect(refusalOf({ cluster: [] }).option).toBe('cluster');
    expect(refusalOf({ cluster: [{ host: '' }] }).option).toBe('cluster[0].host');
  });

  it.each([
    'http://a',
    'redis://',
    'redis://user:secret@host:port',
    'redis://u:secret@h/x',
    'redis://u:1/secret@h',
    'redis://u:secret%@h',
    'redis://u:secret@h:6379?db=3&family=6',
    'redis://u:secret@h?tls=true',
    'redis://u:secret@h#3',
  ])('refuses the address %s without telling its password', (url) => {
    const error = refusalOf({ url });
    expect(error.option).toBe('url');
    expect(JSON.stringify([error, error.message])).not.toContain('secret');
  });

  it('says that options of an address go into connection, and how TLS is asked for', () => {
    expect(refusalOf({ url: 'redis://localhost:6379?tls=true' }).message).toMatch(
      /rediss:.* connection/,
    );
  });

  it('names the package and the command when the driver is not installed', async () => {
    const maker = resolveSource('redisStore', { url: 'redis://localhost' }, () => {
      throw new MissingDriverError('ioredis', '@perf/cache-redis');
    });
    await expect(maker.make()).rejects.toThrow(/npm install ioredis/);
  });
});
