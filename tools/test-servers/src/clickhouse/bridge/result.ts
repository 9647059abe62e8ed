import type { ServerResponse } from 'node:http';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { StatementError, type Statement } from './statement.ts';

/** Names of errors by which the server says that something does not exist, or is not allowed. */
const NOT_FOUND: ReadonlySet<number> = new Set([46, 47, 60, 81]);
const BAD_REQUEST: ReadonlySet<number> = new Set([26, 27, 36, 38, 41, 42, 43, 62, 63, 64, 457]);

/**
 * Sends what the engine gives, piece by piece. An error before the first is an answer of its own; a later one ends the text,
 * in the form of version 25.11 and newer, since the status has been sent.
 */
export async function sendResult(
  response: ServerResponse,
  statement: Statement,
  tag: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let step = await iterator.next();
  while (step.done !== true && statement.isWholeAwaited) {
    first.push(step.value);
    step = await iterator.next();
  }
  if (step.done !== true) first.push(step.value);
  if (response.destroyed) {
    await iterator.return?.();
    return;
  }
  response.setHeader('X-ClickHouse-Query-Id', statement.queryId);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  response.setHeader('X-ClickHouse-Exception-Tag', tag);
  response.setHeader('X-ClickHouse-Summary', '{"read_rows":"0","written_rows":"0"}');
  if (statement.isCompressed) response.setHeader('Content-Encoding', 'gzip');
  const body = Readable.from(followed(first, iterator, tag), { objectMode: false });
  const stages: Writable[] = statement.isCompressed ? [createGzip(), response] : [response];
  await pipeline([body, ...stages]).catch((error: NodeJS.ErrnoException) => {
    // The client has gone: nobody is to be told.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

async function* followed(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  tag: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let step = await rest.next(); step.done !== true; step = await rest.next()) {
      yield step.value;
    }
  } catch (error) {
    const text = Buffer.from(`${messageOf(error)}\n`);
    yield Buffer.concat([
      Buffer.from(`\r\n__exception__\r\n${tag}\r\n`),
      text,
      Buffer.from(`${text.length} ${tag}\r\n__exception__\r\n`),
    ]);
  } finally {
    await rest.return?.();
  }
}

/** Answers a request that failed before anything was sent. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const message = messageOf(error);
  const code = Number(/Code: (\d+)/.exec(message)?.[1] ?? 1001);
  response.statusCode = error instanceof StatementError ? error.status : statusOf(code);
  response.setHeader('X-ClickHouse-Exception-Code', String(code));
  response.end(`${message}\n`);
}

function statusOf(code: number): number {
  if (NOT_FOUND.has(code)) return 404;
  return BAD_REQUEST.has(code) ? 400 : 500;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
