import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** What a request asks the engine for. */
export interface Statement {
  /** With its data, where it inserts some. */
  readonly sql: string;
  readonly queryId: string;
  readonly database: string | undefined;
  /** By name, as HTTP writes values: escaped like a field of TabSeparated. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** Without a `FORMAT` of its own. */
  readonly format: string;
  /** Whether nothing is answered before all is there. */
  readonly isWholeAwaited: boolean;
  readonly isCompressed: boolean;
}

/** A request that cannot be carried out; as the server says it. */
export class StatementError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, name: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${name})`);
    this.status = status;
    this.code = code;
  }
}

/** Of HTTP alone: the engine does not know them, or must not be told. */
const HTTP_ONLY: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'enable_http_compression',
  'http_zlib_compression_level',
  'wait_end_of_query',
  'buffer_size',
  'user',
  'password',
  'quota_key',
  'role',
  'session_timeout',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
]);

/** @throws {@link StatementError} when it asks for what is not there */
export async function readStatement(
  request: IncomingMessage,
  newQueryId: () => string,
): Promise<Statement> {
  const url = new URL(request.url ?? '/', 'http://bridge');
  const query = url.searchParams;
  if (query.has('session_id')) {
    throw new StatementError(501, 48, 'NOT_IMPLEMENTED', 'The bridge has no sessions');
  }
  const body = await readBody(request);
  const sql = [query.get('query'), body].filter((part) => part !== null && part !== '').join('\n');
  const parameters = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [name, value] of query) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (!HTTP_ONLY.has(name)) settings.set(name, value);
  }
  return {
    sql,
    queryId: query.get('query_id') ?? newQueryId(),
    database: query.get('database') ?? undefined,
    parameters,
    settings,
    format: query.get('default_format') ?? 'TabSeparated',
    isWholeAwaited: query.get('wait_end_of_query') === '1',
    isCompressed:
      query.get('enable_http_compression') === '1' &&
      /\bgzip\b/.test(request.headers['accept-encoding'] ?? ''),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const decoders = {
    gzip: createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  };
  if (encoding === 'identity') return (await buffer(request)).toString();
  const decoder = decoders[encoding as keyof typeof decoders];
  if (decoder === undefined) {
    throw new StatementError(501, 48, 'NOT_IMPLEMENTED', `The bridge cannot decode ${encoding}`);
  }
  return (await buffer(request.pipe(decoder()))).toString();
}
