import type { Readable } from 'node:stream';

/** Settings of one request, as `@clickhouse/client` takes them. */
export type ClickHouseSettings = Readonly<Record<string, string | number | boolean | undefined>>;

/** What every request may say. */
export interface ClickHouseRequest {
  readonly query: string;
  readonly query_params?: Record<string, unknown>;
  readonly clickhouse_settings?: Record<string, string | number | boolean | undefined>;
  readonly query_id?: string;
  readonly abort_signal?: AbortSignal;
}

/** What of `@clickhouse/client`'s client the pool uses. */
export interface ClickHouseClient {
  exec(request: ClickHouseRequest & { readonly values?: Readable }): Promise<{
    readonly stream: Readable;
    readonly query_id: string;
    readonly response_headers?: Readonly<Record<string, string | string[] | undefined>>;
  }>;
  ping(options: {
    readonly select: true;
    readonly abort_signal?: AbortSignal;
  }): Promise<{ readonly success: true } | { readonly success: false; readonly error: Error }>;
  close(): Promise<void>;
}

/** What of the package `@clickhouse/client` the pool uses. */
export interface ClickHouseDriver {
  readonly createClient: (options: object) => ClickHouseClient;
  /** The error that a text of the server tells of. */
  readonly parseError: (text: string) => Error;
}
