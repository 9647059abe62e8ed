import { connect, createServer, type Server, type Socket } from 'node:net';
import { checkInteger, checkKnown, checkOneOf, checkString } from '@perf/core';
import { freePort } from '../lifecycle/free-port.ts';
import { HOST } from '../lifecycle/managed-server.ts';
import { OperationQueue } from '../lifecycle/operation-queue.ts';
import { Connection, DIRECTIONS, type FlowState } from './connection.ts';
import type { CutOptions, FaultProxy, ProxiedConnection, ProxyDirection } from './fault-proxy.ts';
import type { FlowMode } from './flow.ts';

/** Where a proxy leads; any of our servers is one. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
  /** Only for {@link FaultProxy.url}. */
  readonly url?: string;
}

/** Options of {@link startProxy}. */
export interface StartProxyOptions {
  readonly target: ProxyTarget;
  /** How much may be held in each direction of each connection, in bytes. @default 16 MiB */
  readonly maxBuffered?: number;
  /** How many connections there may be; a client beyond is reset at once. @default 1000 */
  readonly maxConnections?: number;
}

/** How often another port is tried when somebody took the one found. */
const PORT_ATTEMPTS = 5;
const PASS: FlowState = { mode: 'pass', delay: 0 };

/** A proxy on 127.0.0.1 and a free port, listening when this resolves. It does not keep our process alive. */
export async function startProxy(options: StartProxyOptions): Promise<FaultProxy> {
  checkKnown('startProxy', options, ['target', 'maxBuffered', 'maxConnections']);
  const { target, maxBuffered = 16 * 1024 * 1024, maxConnections = 1000 } = options;
  checkString('target.host', target.host);
  checkInteger('target.port', target.port, { max: 65_535 });
  checkInteger('maxBuffered', maxBuffered);
  checkInteger('maxConnections', maxConnections);
  for (let attempt = 1; ; attempt++) {
    const proxy = new TcpProxy(target, await freePort(), maxBuffered, maxConnections);
    try {
      await proxy.listen();
      return proxy;
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

class TcpProxy implements FaultProxy {
  readonly host = HOST;
  readonly port: number;
  readonly #target: ProxyTarget;
  readonly #maxBuffered: number;
  readonly #maxConnections: number;
  readonly #connections = new Set<Connection>();
  readonly #states: Record<ProxyDirection, FlowState> = { toServer: PASS, toClient: PASS };
  readonly #operations = new OperationQueue('the proxy');
  #listener: Server | undefined;
  #accepted = 0;

  constructor(target: ProxyTarget, port: number, maxBuffered: number, maxConnections: number) {
    this.port = port;
    this.#target = target;
    this.#maxBuffered = maxBuffered;
    this.#maxConnections = maxConnections;
  }

  get url(): string | undefined {
    if (this.#target.url === undefined) return undefined;
    const url = new URL(this.#target.url);
    url.hostname = this.host;
    url.port = String(this.port);
    return url.href;
  }

  get accepted(): number {
    return this.#accepted;
  }

  connections(filter: (connection: ProxiedConnection) => boolean = () => true): Connection[] {
    return [...this.#connections].filter(filter);
  }

  delay(ms: number, direction?: ProxyDirection): void {
    checkInteger('ms', ms, { min: 0, max: 3_600_000 });
    this.#set(direction, { delay: ms });
    for (const connection of this.#connections) connection.delay(ms, direction);
  }

  hold(direction?: ProxyDirection): void {
    this.#set(direction, { mode: 'hold' });
    for (const connection of this.#connections) connection.hold(direction);
  }

  blackHole(direction?: ProxyDirection): void {
    this.#set(direction, { mode: 'drop' });
    for (const connection of this.#connections) connection.blackHole(direction);
  }

  release(direction?: ProxyDirection): void {
    this.#set(direction, { mode: 'pass' });
    for (const connection of this.#connections) connection.release(direction);
  }

  async cut(options: CutOptions = {}): Promise<void> {
    checkKnown('cut', options, ['refuse']);
    await this.#operations.run(async () => {
      // The listener first: a client that reconnects at once must not get in.
      if (options.refuse === true) await this.#stopListening();
      else this.#resetAll();
    });
  }

  async resume(): Promise<void> {
    this.#set(undefined, PASS);
    for (const connection of this.#connections) connection.resume();
    await this.#operations.run(() => this.listen());
  }

  close(): Promise<void> {
    return this.#operations.close(() => this.#stopListening());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  async listen(): Promise<void> {
    if (this.#listener !== undefined) return;
    const listener = createServer({ allowHalfOpen: true }, (client) => {
      this.#accept(client);
    });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host: this.host, port: this.port, exclusive: true }, resolve);
    });
    listener.on('error', () => undefined); // Such as too many open files for one more client.
    listener.unref();
    this.#listener = listener;
  }

  #accept(client: Socket): void {
    if (this.#connections.size >= this.#maxConnections) {
      client.resetAndDestroy();
      return;
    }
    const { host, port } = this.#target;
    const server = connect({ host, port, allowHalfOpen: true });
    const id = ++this.#accepted;
    const connection = new Connection(id, client, server, this.#states, this.#maxBuffered, () => {
      this.#connections.delete(connection);
    });
    this.#connections.add(connection);
  }

  #set(
    direction: ProxyDirection | undefined,
    change: Partial<{ mode: FlowMode; delay: number }>,
  ): void {
    if (direction !== undefined) checkOneOf('direction', direction, DIRECTIONS);
    for (const one of direction === undefined ? DIRECTIONS : [direction]) {
      this.#states[one] = { ...this.#states[one], ...change };
    }
  }

  #resetAll(): void {
    for (const connection of this.#connections) connection.cut();
  }

  async #stopListening(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const ended = new Promise<void>((resolve) => {
      if (listener === undefined) resolve();
      else listener.close(() => resolve());
    });
    this.#resetAll();
    await ended;
  }
}
