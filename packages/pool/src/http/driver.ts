import { MissingDriverError } from '@perf/core';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** Headers as undici hands them over: names in small letters; several values of one name are an array. */
export type ReceivedHeaders = Record<string, string | string[] | undefined>;

/** What undici gives the handler of a request to steer it with. */
export interface DispatchController {
  pause(): void;
  resume(): void;
}

/** Told how a request goes. */
export interface DispatchHandler {
  /** It is about to be written: from now on the other side may see it. */
  onRequestStart(controller: DispatchController): void;
  /** Also called for interim responses, of a status below 200. */
  onResponseStart(
    controller: DispatchController,
    status: number,
    headers: ReceivedHeaders,
    statusText?: string,
  ): void;
  onResponseData(controller: DispatchController, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(controller: DispatchController | undefined, error: Error): void;
}

/** A request as undici takes it. */
export interface DispatchOptions {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | Readable | undefined;
}

/** Where undici wants a connection to. */
export interface ConnectTarget {
  readonly host?: string;
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  readonly servername?: string | null;
  readonly localAddress?: string | null;
  /** The connection to do a TLS handshake on. */
  readonly httpSocket?: Socket;
}

/** Gets a socket, or why there is none. */
export type Connected = (error: Error | null, socket: Socket | null) => void;

/** Makes a connection. */
export type Connector = (target: ConnectTarget, connected: Connected) => void;

/** One connection of undici, which it makes at the first request, and anew after it was lost. */
export interface DriverClient {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
  /** Ends whatever runs on it. Resolves when its socket is closed. */
  destroy(error: Error | null): Promise<void>;
  on(event: 'connect', listener: () => void): unknown;
  on(
    event: 'disconnect',
    listener: (origin: unknown, targets: unknown, error: Error) => void,
  ): unknown;
}

/** The options of undici's `Client` that we set. */
export interface DriverClientOptions {
  readonly connect: Connector;
  readonly pipelining: 1;
  readonly keepAliveTimeout: number;
  readonly keepAliveMaxTimeout: number;
  /** 0: ours take their place. */
  readonly headersTimeout: 0;
  readonly bodyTimeout: 0;
  readonly maxHeaderSize: number;
}

/** The part of undici that we use. */
export interface Driver {
  readonly Client: new (origin: string, options: DriverClientOptions) => DriverClient;
  readonly buildConnector: (options: object) => Connector;
}

const PACKAGE = 'undici';

/**
 * The driver that is installed beside this package.
 * @throws {@link MissingDriverError} when there is none
 */
export async function loadDriver(specifier: string = PACKAGE): Promise<Driver> {
  try {
    // A variable, so that neither the compiler nor a bundler insists on an optional package.
    const { Client, buildConnector } = (await import(specifier)) as Partial<Driver>;
    if (Client === undefined || buildConnector === undefined) {
      throw new Error(`${PACKAGE} is too old`);
    }
    return { Client, buildConnector };
  } catch (cause) {
    throw new MissingDriverError(PACKAGE, '@perf/pool/http', { cause });
  }
}
