import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A process of its own, so that its work is nobody's: answers every request with a kilobyte of JSON, and sends where it is. */
const body = JSON.stringify({
  id: 42,
  name: 'x'.repeat(900),
  isActive: true,
  tags: ['a', 'b', 'c'],
});
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };

const server = createServer({ keepAliveTimeout: 600_000 }, (_request, response) => {
  response.writeHead(200, headers).end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.once('disconnect', () => process.exit());
