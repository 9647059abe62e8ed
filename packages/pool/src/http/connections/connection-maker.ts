import { connect as connectSocket, isIP, type LookupFunction, type Socket } from 'node:net';
import {
  loadDriver,
  type ConnectTarget,
  type Connected,
  type Connector,
  type Driver,
} from '../driver.ts';
import type { HttpPoolSettings } from '../options.ts';
import { BlockedAddress, type AddressGuard } from './address-guard.ts';

/** How long nothing may be heard before TCP asks whether the other side is still there. */
const KEEP_ALIVE_DELAY = 60_000;

/** What a connection tells while it is being made. */
export interface ConnectListener {
  /** It can be destroyed from now on. */
  onSocket(socket: Socket): void;
  /** It stands; the TLS handshake has begun. */
  onHandshake(): void;
}

/** Makes connections: name, guard, TCP and TLS, each step told. Bounding their time is for who asked. */
export class ConnectionMaker {
  readonly driver: Driver;
  readonly #secure: Connector;
  readonly #lookup: LookupFunction | undefined;
  readonly #guard: AddressGuard | undefined;

  constructor(driver: Driver, settings: HttpPoolSettings) {
    const { guard } = settings;
    this.driver = driver;
    this.#secure = driver.buildConnector({ ...settings.tls, timeout: 0 });
    this.#guard = guard;
    this.#lookup = guard?.lookup(settings.lookup) ?? settings.lookup;
  }

  connect(target: ConnectTarget, listener: ConnectListener, connected: Connected): void {
    const { hostname, protocol } = target;
    const isSecure = protocol === 'https:';
    if (isIP(hostname) !== 0 && this.#guard?.allows(hostname) === false) {
      // Not before the driver is done with asking.
      process.nextTick(connected, new BlockedAddress(hostname), null);
      return;
    }
    const socket = connectSocket({
      host: hostname,
      port: Number(target.port === '' ? (isSecure ? 443 : 80) : target.port),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY,
      ...(this.#lookup === undefined ? {} : { lookup: this.#lookup }),
    });
    let isSettled = false;
    const settle: Connected = (error, made) => {
      if (isSettled) return;
      isSettled = true;
      connected(error, made);
    };
    // Stays: an error may come when nobody listens any more.
    socket.on('error', (error) => {
      settle(error, null);
    });
    socket.once('close', () => {
      const closed = new Error('the connection was closed before it stood');
      settle(Object.assign(closed, { code: 'ECONNRESET' }), null);
    });
    socket.once('connect', () => {
      const { remoteAddress } = socket;
      if (remoteAddress !== undefined && this.#guard?.allows(remoteAddress) === false) {
        socket.destroy(new BlockedAddress(remoteAddress));
      } else if (isSecure) {
        listener.onHandshake();
        try {
          this.#secure({ ...target, httpSocket: socket }, settle);
        } catch (error) {
          // Options of TLS that make no sense are thrown.
          socket.destroy(error as Error);
        }
      } else {
        settle(null, socket);
      }
    });
    listener.onSocket(socket);
  }
}

/** Loads what it needs. Rejects with a `MissingDriverError`. */
export async function connectionMaker(settings: HttpPoolSettings): Promise<ConnectionMaker> {
  return new ConnectionMaker(await loadDriver(), settings);
}
