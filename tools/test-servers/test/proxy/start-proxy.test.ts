import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startProxy, type FaultProxy, type StartProxyOptions } from '../../src/index.ts';

/** A socket whose bytes and end are kept. */
class Peer {
  readonly socket: Socket;
  #received = '';
  ended = false;
  closed = false;
  error: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code;
    });
  }

  get received(): string {
    return this.#received;
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }
}

let server: Server;
let accepted: Peer[];
let clients: Peer[];
let proxies: FaultProxy[];

beforeEach(async () => {
  accepted = [];
  clients = [];
  proxies = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(new Peer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const { socket } of [...clients, ...accepted]) socket.destroy();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  server.close();
});

test('bytes pass unchanged, both ways', async () => {
  const { client, peer } = await pair(await start());
  client.send('\0to\xff');
  peer.send('back\n');
  await until(() => peer.received === '\0to\xff' && client.received === 'back\n');
});

test('megabytes pass through a small buffer when the receiver is slow', async () => {
  const { client, peer } = await pair(await start({ maxBuffered: 1000 }));
  peer.socket.pause();
  const text = 'x'.repeat(8_000_000);
  client.send(text);
  client.socket.end();
  peer.socket.resume();
  await until(() => peer.ended);
  expect(peer.received.length).toBe(text.length);
});

test('a sender is slowed down by a receiver that does not read', async () => {
  const { client, peer } = await pair(await start({ maxBuffered: 1000 }));
  peer.socket.pause();
  // More than the kernel's buffers of both connections take.
  client.send('x'.repeat(64_000_000));
  await turns(200);
  expect(client.socket.writableLength).toBeGreaterThan(0);
});

test('a side that has said all may still listen', async () => {
  const { client, peer } = await pair(await start());
  client.socket.end('last words');
  await until(() => peer.ended);
  peer.socket.end('and the answer');
  await until(() => client.closed && peer.closed);
  expect([peer.received, client.received]).toEqual(['last words', 'and the answer']);
});

test('connections are counted, and gone from the list when both sides have closed', async () => {
  const proxy = await start();
  const { client } = await pair(proxy);
  await pair(proxy);
  expect([proxy.accepted, proxy.connections().map(({ id }) => id)]).toEqual([2, [1, 2]]);
  client.socket.destroy();
  accepted[0]?.socket.end();
  await until(() => proxy.connections().length === 1);
  expect(proxy.connections()[0]).toMatchObject({ id: 2, open: true });
  expect(proxy.accepted).toBe(2);
});

test('a cut resets both sides; whoever connects again gets in', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  await proxy.cut();
  await until(() => client.error === 'ECONNRESET' && peer.error === 'ECONNRESET');
  expect(proxy.connections()).toEqual([]);
  await pair(proxy);
});

test('a cut that refuses lets nobody in until resume, on the same port', async () => {
  const proxy = await start();
  const { port } = proxy;
  const { client } = await pair(proxy);
  await proxy.cut({ refuse: true });
  await until(() => client.closed);
  const refused = open(proxy);
  await until(() => refused.error === 'ECONNREFUSED');
  await proxy.resume();
  expect(proxy.port).toBe(port);
  await pair(proxy);
});

test('one connection is cut and the others stay, chosen by what was sent over it', async () => {
  const proxy = await start();
  const commands = await pair(proxy);
  const bus = await pair(proxy);
  commands.client.send('GET x');
  bus.client.send('Subscribe news');
  await until(() => bus.peer.received !== '' && commands.peer.received !== '');
  const found = proxy.connections((connection) => connection.sent('SUBSCRIBE'));
  expect(found.map(({ id }) => id)).toEqual([2]);
  for (const connection of found) connection.cut();
  await until(() => bus.client.error === 'ECONNRESET');
  commands.client.send(' y');
  await until(() => commands.peer.received === 'GET x y');
});

test('what is held arrives when released, in order, and bytes the other way pass meanwhile', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.hold('toServer');
  client.send('one ');
  client.send('two ');
  await until(() => buffered(proxy, 'toServer') === 8);
  peer.send('hello');
  await until(() => client.received === 'hello');
  expect(peer.received).toBe('');
  proxy.release('toServer');
  client.send('three');
  await until(() => peer.received === 'one two three');
});

test('what is held arrives even when its sender has gone, and then the end', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.hold('toServer');
  client.send('late');
  await until(() => buffered(proxy, 'toServer') === 4);
  client.socket.destroy();
  await until(() => proxy.connections((connection) => !connection.open).length === 1);
  expect([peer.received, peer.ended]).toEqual(['', false]);
  const { peer: another } = await pair(proxy);
  proxy.release();
  await until(() => peer.ended);
  expect(peer.received).toBe('late');
  expect(another.ended).toBe(false);
});

test('what is held for a server that has closed goes nowhere, and its connection is forgotten', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.hold('toServer');
  client.send('late');
  await until(() => buffered(proxy, 'toServer') === 4);
  peer.socket.resetAndDestroy();
  await until(() => client.ended && proxy.connections().length === 0);
  proxy.release();
});

test('a connection can be held alone, and one that comes later is not', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.connections().at(-1)?.hold('toServer');
  client.send('held');
  const later = await pair(proxy);
  later.client.send('passes');
  await until(() => later.peer.received === 'passes' && buffered(proxy, 'toServer') === 4);
  expect(peer.received).toBe('');
  proxy.connections()[0]?.release();
  await until(() => peer.received === 'held');
});

test('the buffer is bounded: a sender is not read from when it is full', async () => {
  const proxy = await start({ maxBuffered: 100_000 });
  const { client, peer } = await pair(proxy);
  proxy.hold();
  const text = 'x'.repeat(20_000_000);
  client.send(text);
  await until(() => buffered(proxy, 'toServer') >= 100_000);
  await turns(50);
  expect(buffered(proxy, 'toServer')).toBeLessThan(200_000);
  proxy.release();
  await until(() => peer.received.length === text.length);
});

test('delayed bytes arrive by themselves', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.delay(20, 'toServer');
  client.send('late');
  await until(() => peer.received === 'late');
});

test('a shorter delay does not let the next bytes overtake those that are delayed for longer', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.delay(3_600_000, 'toServer');
  client.send('first ');
  await until(() => buffered(proxy, 'toServer') === 6);
  proxy.delay(0);
  client.send('second');
  await until(() => buffered(proxy, 'toServer') === 12);
  await turns(20);
  expect(peer.received).toBe('');
  await proxy.resume();
  await until(() => peer.received === 'first second');
});

test('resume delivers what was only delayed', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.delay(3_600_000);
  client.send('hour');
  await until(() => buffered(proxy, 'toServer') === 4);
  await proxy.resume();
  await until(() => peer.received === 'hour');
});

test('in a black hole nothing passes and nobody learns that the other has gone', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.blackHole();
  client.send('lost');
  peer.send('lost');
  client.socket.destroy();
  await until(() => proxy.connections((connection) => !connection.open).length === 1);
  await turns(20);
  expect([peer.received, peer.ended, peer.closed]).toEqual(['', false, false]);
  const silent = open(proxy);
  await once(silent.socket, 'connect');
  silent.send('PING');
  accepted.at(-1)?.socket.destroy();
  await turns(20);
  expect([silent.received, silent.ended, silent.closed]).toEqual(['', false, false]);
});

test('a connection whose both sides closed in a black hole is forgotten', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.blackHole();
  client.socket.resetAndDestroy();
  peer.socket.resetAndDestroy();
  await until(() => proxy.connections().length === 0);
});

test('after a black hole, what lost bytes is reset, what lost nothing goes on, and new ones pass', async () => {
  const proxy = await start();
  const talker = await pair(proxy);
  const quiet = await pair(proxy);
  proxy.blackHole('toServer');
  talker.client.send('lost');
  talker.peer.send('this way it is open');
  await until(() => talker.client.received !== '');
  await until(() => proxy.connections((connection) => connection.sent('lost')).length === 1);
  await proxy.resume();
  await until(() => talker.client.error === 'ECONNRESET' && talker.peer.error === 'ECONNRESET');
  quiet.client.send('still here');
  await until(() => quiet.peer.received === 'still here');
  const { client, peer } = await pair(proxy);
  client.send('new');
  await until(() => peer.received === 'new');
});

test('a black hole swallows what was held before it', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.hold();
  client.send('held');
  await until(() => buffered(proxy, 'toServer') === 4);
  proxy.blackHole();
  expect(buffered(proxy, 'toServer')).toBe(0);
  proxy.release();
  await until(() => peer.error === 'ECONNRESET');
  expect(peer.received).toBe('');
});

test('a client of a server that is down is closed', async () => {
  const proxy = await start();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  const client = open(proxy);
  await until(() => client.ended && proxy.connections().length === 0);
});

test('a client too many is reset', async () => {
  const proxy = await start({ maxConnections: 1 });
  const { client } = await pair(proxy);
  const second = open(proxy);
  await until(() => second.closed);
  expect([proxy.accepted, client.closed]).toEqual([1, false]);
});

test('close resets all, frees the port, and may be called twice', async () => {
  const proxy = await start();
  const { client, peer } = await pair(proxy);
  proxy.hold();
  client.send('held');
  await Promise.all([proxy.close(), proxy.close()]);
  await until(() => client.closed && peer.closed);
  expect(peer.received).toBe('');
  const refused = open(proxy);
  await until(() => refused.error === 'ECONNREFUSED');
  await expect(proxy.resume()).rejects.toThrow(expect.objectContaining({ code: 'PERF_CLOSED' }));
});

test('the target’s address is given by way of the proxy, with all but host and port as it was', async () => {
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, url: `redis://me:pw%40@127.0.0.1:${port}/3` };
  const proxy = await start({ target });
  expect(proxy.url).toBe(`redis://me:pw%40@127.0.0.1:${proxy.port}/3`);
  expect((await start()).url).toBe(undefined);
});

test('what it cannot do is refused with the name of the option', async () => {
  const target = { host: '127.0.0.1', port: 1 };
  await expect(startProxy({ target: { ...target, port: 0 } })).rejects.toThrow(/target\.port/);
  await expect(startProxy({ target, maxBuffered: 0 })).rejects.toThrow(/maxBuffered/);
  await expect(startProxy({ target, port: 1 } as StartProxyOptions)).rejects.toThrow(/\.port/);
  const proxy = await start();
  expect(() => {
    proxy.delay(-1);
  }).toThrow(/ms/);
  expect(() => {
    proxy.hold('up' as 'toServer');
  }).toThrow(/direction/);
});

async function start(options: Partial<StartProxyOptions> = {}): Promise<FaultProxy> {
  const { port } = server.address() as AddressInfo;
  const proxy = await startProxy({ target: { host: '127.0.0.1', port }, ...options });
  proxies.push(proxy);
  return proxy;
}

function open(proxy: FaultProxy): Peer {
  const { host, port } = proxy;
  const client = new Peer(connect({ host, port, allowHalfOpen: true }));
  clients.push(client);
  return client;
}

/** A client, and the server's end of its connection. */
async function pair(proxy: FaultProxy): Promise<{ client: Peer; peer: Peer }> {
  const before = accepted.length;
  const client = open(proxy);
  await until(() => accepted.length > before);
  return { client, peer: accepted[before] as Peer };
}

function buffered(proxy: FaultProxy, direction: 'toServer' | 'toClient'): number {
  return proxy.connections().reduce((sum, connection) => sum + connection.buffered(direction), 0);
}

async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(
    () => {
      expect(condition()).toBe(true);
    },
    { timeout: 5000, interval: 1 },
  );
}

/** Lets the event loop go round, with whatever the kernel has for it. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}
