import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { noneDestroyed, type DestroyReason } from '../statistics/pool-stats.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import type { ClickHousePoolSettings } from './options.ts';

/** More than the pool's limit: for a ping, which is asked for while all others are busy. */
const SPARE = 1;
/** The longest time that Node's timers take. */
const LONGEST = 2 ** 31 - 1;

/** What an agent of Node's lets be overridden. */
interface AgentHooks {
  createConnection(
    options: object,
    done?: (error: Error | null, socket: Duplex) => void,
  ): Socket | undefined;
  keepSocketAlive(socket: Socket): boolean;
  reuseSocket(socket: Socket, request: unknown): void;
}

/** Connections of an agent of Node's, with what it does not tell: how many, since when, how they ended. */
export class Connections {
  readonly agent: HttpAgent;
  readonly connectTimes: TimingWindow;
  readonly destroyed: Record<DestroyReason, number> = noneDestroyed();
  created = 0;
  connecting = 0;
  /** Connections that could not be made. */
  errors = 0;
  readonly #settings: ClickHousePoolSettings;
  readonly #free = new Set<Socket>();
  readonly #retired = new WeakSet<Socket>();
  readonly #endsAt = new WeakMap<Socket, number>();
  #isClosed = false;

  constructor(settings: ClickHousePoolSettings, isSecure: boolean, tls: object) {
    const { clock, max, maxIdle, idleTimeout } = settings;
    this.#settings = settings;
    this.connectTimes = new TimingWindow(clock);
    const options: AgentOptions = {
      keepAlive: maxIdle > 0,
      maxSockets: max + SPARE,
      maxFreeSockets: Math.max(1, maxIdle),
      // The server's own time, which it tells with each answer, wins where it is shorter.
      timeout: Math.min(idleTimeout, LONGEST),
    };
    this.agent = isSecure ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options);
    this.#follow(isSecure ? 'secureConnect' : 'connect');
  }

  /** Those that are open and not in use. */
  get idle(): number {
    return this.#free.size;
  }

  close(): void {
    this.#isClosed = true;
    this.agent.destroy();
  }

  #follow(connected: string): void {
    const agent = this.agent as unknown as AgentHooks;
    const connect = agent.createConnection.bind(agent);
    const keep = agent.keepSocketAlive.bind(agent);
    const reuse = agent.reuseSocket.bind(agent);
    agent.createConnection = (options, done) => {
      const socket = connect(options, done);
      if (socket !== undefined) this.#begin(socket, connected);
      return socket;
    };
    agent.keepSocketAlive = (socket) => {
      const { clock } = this.#settings;
      if (clock.now() >= (this.#endsAt.get(socket) ?? Infinity)) {
        this.#retired.add(socket);
        return false;
      }
      const isKept = keep(socket);
      if (isKept) this.#free.add(socket);
      return isKept;
    };
    agent.reuseSocket = (socket, request) => {
      this.#free.delete(socket);
      reuse(socket, request);
    };
  }

  #begin(socket: Socket, connected: string): void {
    const { clock, connectTimeout, maxLifetime, lifetimeJitter, random } = this.#settings;
    const begun = clock.now();
    let isOpen = false;
    this.connecting++;
    const timer = clock.setTimer(() => {
      socket.destroy(connectTimeoutError(connectTimeout));
    }, connectTimeout);
    socket.once(connected, () => {
      timer.cancel();
      if (socket.destroyed) return;
      isOpen = true;
      this.connecting--;
      this.created++;
      const now = clock.now();
      this.connectTimes.add(now - begun);
      this.#endsAt.set(socket, now + maxLifetime * (1 - lifetimeJitter * random()));
    });
    socket.once('close', (isBroken: boolean) => {
      timer.cancel();
      if (isOpen) {
        this.destroyed[this.#reason(socket, isBroken)]++;
      } else {
        this.connecting--;
        this.errors++;
      }
      this.#free.delete(socket);
    });
  }

  #reason(socket: Socket, isBroken: boolean): DestroyReason {
    if (this.#isClosed) return 'closed';
    if (this.#retired.has(socket)) return 'lifetime';
    if (isBroken) return 'lost';
    return this.#free.has(socket) ? 'idle' : 'discarded';
  }
}

/** As the system says it: whoever retries knows it by that. */
function connectTimeoutError(timeout: number): Error {
  return Object.assign(new Error(`ClickHouse could not be connected to within ${timeout} ms`), {
    code: 'ETIMEDOUT',
    syscall: 'connect',
  });
}
