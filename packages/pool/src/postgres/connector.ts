import type { CreateContext } from '../object/options.ts';
import { Backend } from './backend.ts';
import type { DriverClient } from './client.ts';
import { Connection } from './connection.ts';
import type { ClientSource } from './driver.ts';
import type { PostgresPoolSettings } from './options.ts';
import type { PoolHost } from './pool-host.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { BackendSession } from './session.ts';

/** Makes connections that are ready to be handed out. */
export class Connector {
  readonly #source: ClientSource;
  readonly #host: PoolHost;
  readonly #onConnect: PostgresPoolSettings['onConnect'];
  readonly #maxStatements: number;

  constructor(
    source: ClientSource,
    host: PoolHost,
    { onConnect, catalog }: Pick<PostgresPoolSettings, 'onConnect' | 'catalog'>,
  ) {
    this.#source = source;
    this.#host = host;
    this.#onConnect = onConnect;
    this.#maxStatements = catalog.max;
  }

  /** Rejects with what pg fails with; in time, since the socket is ended when the signal aborts. */
  async open({ signal }: CreateContext): Promise<Backend> {
    const client = await this.#source.make();
    signal.throwIfAborted();
    // One without a listener would end the process.
    client.on('error', () => undefined);
    const abort = (): void => {
      client.connection.stream.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      await client.connect();
      return await this.#prepare(client);
    } catch (error) {
      abort();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #prepare(client: DriverClient): Promise<Backend> {
    const connection = new Connection(client, await this.#source.encoder(), this.#host);
    const statements = new PreparedStatements(client.connection, this.#maxStatements);
    const backend = new Backend(connection, statements, this.#host);
    if (this.#onConnect !== undefined) {
      const session = new BackendSession(this.#host, backend);
      await this.#onConnect(session);
      session.end();
      await backend.reset();
    }
    backend.watch();
    return backend;
  }
}
