import type { Socket } from 'node:net';
import type { DestroyReason } from '../../statistics/pool-stats.ts';
import type {
  Connected,
  ConnectTarget,
  DispatchHandler,
  DispatchOptions,
  DriverClient,
} from '../driver.ts';
import type { ConnectionMaker, ConnectListener } from './connection-maker.ts';
import type { Origin } from './origins.ts';

/** Who is told what becomes of a {@link Connection}. */
export interface ConnectionHost {
  readonly idleTimeout: number;
  readonly maxHeaderSize: number;
  /** @returns to be called when it has succeeded, failed, or is not wanted any more */
  onConnecting(origin: Origin): (error: Error | null, isWanted: boolean) => void;
  onConnected(): void;
  onDisconnected(connection: Connection, reason: DestroyReason): void;
}

/** A request that is sent on a connection. */
export interface SentRequest extends DispatchHandler {
  onHandshake(): void;
}

/** Node's timers take no more. */
const LONGEST = 2 ** 31 - 1;

/**
 * One connection at a time to an origin, made when a request needs it, and again when it was lost while unused. One request at a time runs on it.
 */
export class Connection implements ConnectListener {
  readonly origin: Origin;
  /** When it may be used no more; `Infinity` for never. */
  readonly expires: number;
  /** Since when it is unused. */
  idleSince = 0;
  readonly #host: ConnectionHost;
  readonly #maker: ConnectionMaker;
  readonly #client: DriverClient;
  #socket: Socket | undefined;
  #request: SentRequest | undefined;
  #ending: DestroyReason | undefined;
  #gone: Promise<unknown> | undefined;
  /** Resolves when a connection that is being made has been given up. */
  #attempt: Promise<void> = Promise.resolve();

  constructor(host: ConnectionHost, maker: ConnectionMaker, origin: Origin, expires: number) {
    this.#host = host;
    this.#maker = maker;
    this.origin = origin;
    this.expires = expires;
    const idleTimeout = Math.min(host.idleTimeout, LONGEST);
    this.#client = new maker.driver.Client(origin.name, {
      connect: (target, connected) => {
        this.#connect(target, connected);
      },
      pipelining: 1,
      keepAliveTimeout: idleTimeout,
      keepAliveMaxTimeout: idleTimeout,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: host.maxHeaderSize,
    });
    this.#client.on('connect', () => {
      host.onConnected();
    });
    this.#client.on('disconnect', (_origin, _targets, { message }) => {
      const isIdle = message === 'socket idle timeout';
      host.onDisconnected(this, this.#ending ?? (isIdle ? 'idle' : 'lost'));
    });
  }

  /** Whether a request can be sent on it as it is. */
  get isUsable(): boolean {
    return this.#ending === undefined && this.#socket?.destroyed !== true;
  }

  /** Since it was made. */
  get bytesWritten(): number {
    return this.#socket?.bytesWritten ?? 0;
  }

  /** Only when no other request runs on it. */
  send(options: DispatchOptions, request: SentRequest): void {
    this.#request = request;
    this.#client.dispatch(options, request);
  }

  /** Ends it, and what runs on it; again does nothing. Resolves when it is closed. */
  async end(reason: DestroyReason): Promise<void> {
    if (this.#gone === undefined) {
      this.#ending = reason;
      const closed = this.#client.destroy(null);
      this.#socket?.destroy();
      this.#gone = Promise.all([closed, this.#attempt]);
    }
    await this.#gone;
  }

  onSocket(socket: Socket): void {
    this.#socket = socket;
    if (this.#ending !== undefined) socket.destroy();
  }

  onHandshake(): void {
    this.#request?.onHandshake();
  }

  #connect(target: ConnectTarget, connected: Connected): void {
    const done = this.#host.onConnecting(this.origin);
    this.#attempt = new Promise((resolve) => {
      this.#maker.connect(target, this, (error, socket) => {
        done(error, this.#ending === undefined);
        this.#socket = socket ?? undefined;
        resolve();
        connected(error, socket);
      });
    });
  }
}
