/** ClickHouse's HTTP interface in front of the engine of `chdb`, as a program of its own. Settings come from the environment. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Engine } from './engine.ts';
import { handle } from './http-handler.ts';
import { RunningStatements } from './running.ts';

/** As long as the server keeps a connection that nobody uses, in milliseconds. */
const KEEP_ALIVE = 10_000;

const { BRIDGE_PORT, BRIDGE_PASSWORD = '', BRIDGE_ENGINE = '' } = process.env;
const folder = join(process.cwd(), 'data');
mkdirSync(folder, { recursive: true, mode: 0o700 });
const context = {
  running: new RunningStatements(new Engine(BRIDGE_ENGINE, folder)),
  password: BRIDGE_PASSWORD,
};

const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, (request, response) => {
  response.on('error', () => undefined);
  handle(context, request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.on('error', (error: NodeJS.ErrnoException) => {
  // In the words of other servers, which whoever starts us looks for.
  console.error(error.code === 'EADDRINUSE' ? 'Address already in use' : error);
  process.exit(1);
});
process.on('SIGTERM', () => {
  process.exit(0);
});
server.listen(Number(BRIDGE_PORT), '127.0.0.1');
