import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError, sendResult } from './result.ts';
import type { RunningStatements } from './running.ts';
import { readStatement, StatementError, type Statement } from './statement.ts';

/** What the handler needs. */
export interface HandlerContext {
  readonly running: RunningStatements;
  readonly password: string;
}

const USER = 'default';

/** Carries out one request, and answers it whatever happens. */
export async function handle(
  context: HandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.url === '/ping') {
      response.end('Ok.\n');
      return;
    }
    authenticate(request, context.password);
    const statement = await readStatement(request, randomUUID);
    if (statement.sql === '') {
      response.end('Ok.\n');
      return;
    }
    await run(context, statement, response);
  } catch (error) {
    answerError(response, error);
    // What is left of the request is not read: the connection cannot serve another one.
    if (!request.complete) request.resume();
  }
}

async function run(
  { running }: HandlerContext,
  statement: Statement,
  response: ServerResponse,
): Promise<void> {
  const killed = await running.kill(statement.sql);
  if (killed !== undefined) {
    response.end(killed);
    return;
  }
  const entry = running.add(statement);
  response.once('close', () => {
    if (!response.writableFinished) void entry.giveUp();
  });
  try {
    const tag = randomBytes(8).toString('hex');
    await sendResult(response, statement, tag, entry.pieces(statement));
  } finally {
    running.remove(entry);
  }
}

function authenticate(request: IncomingMessage, password: string): void {
  const [scheme, credentials = ''] = (request.headers.authorization ?? '').split(' ');
  const given = scheme === 'Basic' ? Buffer.from(credentials, 'base64') : Buffer.alloc(0);
  const wanted = Buffer.from(`${USER}:${password}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new StatementError(
    403,
    516,
    'AUTHENTICATION_FAILED',
    `${USER}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
}
