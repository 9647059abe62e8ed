import type { Lease } from '../object/lease.ts';
import type { Backend } from './backend.ts';
import type { BackendSession, PostgresSession } from './session.ts';

/** A lease of a connection, whose session ends with it. */
export class SessionLease implements Lease<PostgresSession> {
  readonly #lease: Lease<Backend>;
  readonly #session: BackendSession;

  constructor(lease: Lease<Backend>, session: BackendSession) {
    this.#lease = lease;
    this.#session = session;
  }

  get value(): PostgresSession {
    // Throws when it has ended.
    void this.#lease.value;
    return this.#session;
  }

  release(): void {
    this.#session.end();
    this.#lease.release();
  }

  discard(): void {
    this.#session.end();
    this.#lease.discard();
  }

  [Symbol.dispose](): void {
    this.#session.end();
    this.#lease[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session.end();
    return this.#lease[Symbol.asyncDispose]();
  }
}
