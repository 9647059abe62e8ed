import { addressOf, type RedisConnection } from './redis-client.ts';
import { greet, type Session } from './session.ts';

/** A connection that is no more, and may still have commands on their way. */
export interface LostConnection {
  readonly node: RedisConnection;
  /** What was known of it; `undefined` when it was lost before it was greeted. */
  readonly session: Session | undefined;
}

/** What a {@link NodeWatch} tells. */
export interface NodeListener {
  onSession(node: NodeWatch, session: Session): void;
  onLost(lost: LostConnection): void;
}

/** Follows the connections to one node: each is greeted when it begins. */
export class NodeWatch {
  readonly node: RedisConnection;
  readonly #listener: NodeListener;
  #session: Session | undefined;
  #greeting: Promise<Session> | undefined;
  /** Counts the connections. */
  #epoch = 0;
  /** Whether the present connection has taken commands. */
  #used = false;

  constructor(node: RedisConnection, listener: NodeListener) {
    this.node = node;
    this.#listener = listener;
    node.on('ready', this.#onReady);
    node.on('close', this.#onClose);
    if (node.status === 'ready') this.#onReady();
  }

  get address(): string {
    return this.#session?.address ?? addressOf(this.node);
  }

  /** The present connection, once it has been greeted. */
  get session(): Session | undefined {
    return this.node.status === 'ready' ? this.#session : undefined;
  }

  /** Greets the present connection if that has not been done. Rejects when it does not carry it. */
  greeted(): Promise<Session> {
    const { session } = this;
    return session === undefined ? this.greetAgain() : Promise.resolve(session);
  }

  /** Asks the server again who it is. Rejects when the connection does not carry it. */
  greetAgain(): Promise<Session> {
    this.#used = true;
    this.#greeting ??= this.#greet(this.#epoch).finally(() => {
      this.#greeting = undefined;
    });
    return this.#greeting;
  }

  detach(): void {
    this.node.off('ready', this.#onReady);
    this.node.off('close', this.#onClose);
  }

  async #greet(epoch: number): Promise<Session> {
    const session = await greet(this.node);
    if (epoch !== this.#epoch) throw new Error('the connection was lost while it began');
    this.#session = session;
    this.#listener.onSession(this, session);
    return session;
  }

  readonly #onReady = (): void => {
    // Whoever needs it greets again.
    this.greeted().catch(() => undefined);
  };

  readonly #onClose = (): void => {
    this.#epoch++;
    this.#greeting = undefined;
    if (this.#used) this.#listener.onLost({ node: this.node, session: this.#session });
    this.#used = false;
    this.#session = undefined;
  };
}
