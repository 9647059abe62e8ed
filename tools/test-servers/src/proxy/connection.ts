import type { Socket } from 'node:net';
import type { ProxiedConnection, ProxyDirection } from './fault-proxy.ts';
import { Flow, type FlowMode } from './flow.ts';

/** What new connections start with; what the proxy was last told for all. */
export interface FlowState {
  readonly mode: FlowMode;
  readonly delay: number;
}

/** How much of what a client sent is remembered, in bytes. */
const REMEMBERED = 64 * 1024;

/** Both directions. */
export const DIRECTIONS: readonly ProxyDirection[] = ['toServer', 'toClient'];

/** A client's socket and the one to the server that belongs to it. */
export class Connection implements ProxiedConnection {
  readonly id: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #flows: Readonly<Record<ProxyDirection, Flow>>;
  readonly #onGone: () => void;
  #sent: Buffer = Buffer.alloc(0);

  constructor(
    id: number,
    client: Socket,
    server: Socket,
    states: Readonly<Record<ProxyDirection, FlowState>>,
    maxBuffered: number,
    onGone: () => void,
  ) {
    this.id = id;
    this.#client = client;
    this.#server = server;
    this.#onGone = onGone;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.unref();
      // Its 'close' follows, which is what is passed on.
      socket.on('error', () => undefined);
    }
    const onSettled = (): void => {
      this.#removeIfGone();
    };
    this.#flows = {
      toServer: new Flow(client, server, {
        ...states.toServer,
        maxBuffered,
        onData: (bytes) => {
          this.#sent = Buffer.concat([this.#sent, bytes]).subarray(-REMEMBERED);
        },
        onSettled,
      }),
      toClient: new Flow(server, client, {
        ...states.toClient,
        maxBuffered,
        onData: () => undefined,
        onSettled,
      }),
    };
  }

  get open(): boolean {
    return !this.#client.destroyed && !this.#client.readableEnded;
  }

  sent(text: string): boolean {
    return this.#sent.toString('latin1').toLowerCase().includes(text.toLowerCase());
  }

  buffered(direction: ProxyDirection): number {
    return this.#flows[direction].buffered;
  }

  delay(ms: number, direction?: ProxyDirection): void {
    for (const flow of this.#of(direction)) flow.delay = ms;
  }

  hold(direction?: ProxyDirection): void {
    this.#switch('hold', direction);
  }

  blackHole(direction?: ProxyDirection): void {
    this.#switch('drop', direction);
  }

  release(direction?: ProxyDirection): void {
    this.#switch('pass', direction);
  }

  resume(): void {
    this.delay(0);
    this.release();
    for (const flow of this.#of(undefined)) flow.hasten();
  }

  cut(): void {
    for (const flow of this.#of(undefined)) flow.discard();
    for (const socket of [this.#client, this.#server]) {
      // A socket that is not connected yet cannot be reset.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  #switch(mode: FlowMode, direction: ProxyDirection | undefined): void {
    const flows = this.#of(direction);
    if (mode !== 'drop' && flows.some((flow) => flow.lost)) {
      this.cut();
      return;
    }
    for (const flow of flows) flow.mode = mode;
  }

  #of(direction: ProxyDirection | undefined): readonly Flow[] {
    return (direction === undefined ? DIRECTIONS : [direction]).map((one) => this.#flows[one]);
  }

  #removeIfGone(): void {
    const sides = [this.#client, this.#server];
    const idle = this.#of(undefined).every((flow) => flow.idle);
    if (idle && sides.every((socket) => socket.destroyed)) this.#onGone();
  }
}
