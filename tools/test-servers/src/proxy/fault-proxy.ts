/** Which way bytes go. */
export type ProxyDirection = 'toServer' | 'toClient';

/**
 * Faults of one connection, or of all present and future ones of a proxy. Without a direction both are
 * meant. Bytes keep their order, and a connection's end comes after its bytes.
 */
export interface Faults {
  /** From now on bytes arrive `ms` later. 0 ends it. */
  delay(ms: number, direction?: ProxyDirection): void;
  /**
   * Keeps bytes and ends until {@link release}, also when the one who sent them is gone by then: how a command
   * lands late. When the buffer is full, the sender is no longer read from.
   */
  hold(direction?: ProxyDirection): void;
  /** Delivers what was held, and lets pass what follows. */
  release(direction?: ProxyDirection): void;
  /**
   * Nothing passes and nothing ends, and it is lost for good: connections stay open on both sides, and a side
   * that closes is not noticed by the other. A connection that has lost something is reset when this ends.
   */
  blackHole(direction?: ProxyDirection): void;
}

/** One connection from a client through the proxy. */
export interface ProxiedConnection extends Faults {
  /** 1 for the first that the proxy accepted. */
  readonly id: number;
  /** Whether the client's side is open. */
  readonly open: boolean;
  /** Whether the client sent this text, in any case of letters, within its last 64 KiB: `sent('subscribe')`. */
  sent(text: string): boolean;
  /** How many bytes are held or delayed. */
  buffered(direction: ProxyDirection): number;
  /** Resets it on both sides; what was held is lost. */
  cut(): void;
  /** Ends its faults, with what {@link release} and the end of {@link blackHole} do. */
  resume(): void;
}

/** Options of {@link FaultProxy.cut}. */
export interface CutOptions {
  /** Whether new connections are refused until {@link FaultProxy.resume}. @default false */
  readonly refuse?: boolean;
}

/**
 * A TCP proxy on loopback between clients and one server. {@link Faults} called on it hold for its present
 * connections and for those to come.
 */
export interface FaultProxy extends Faults, AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The target's address by way of the proxy; `undefined` when the target has no address. */
  readonly url: string | undefined;
  /** How many connections were accepted so far. */
  readonly accepted: number;
  /**
   * The connections that are open on either side or have something to deliver, oldest first.
   * @param filter takes all when left out
   */
  connections(filter?: (connection: ProxiedConnection) => boolean): readonly ProxiedConnection[];
  /** Resets all connections; what was held is lost. */
  cut(options?: CutOptions): Promise<void>;
  /** Ends all faults, and listens again on the same port. */
  resume(): Promise<void>;
  /** Resets all connections and stops listening. Idempotent. */
  close(): Promise<void>;
}
