import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A server that answers each byte by one, after a while. */
export interface Dependency {
  connect(): Promise<Socket>;
  stop(): void;
}

/** @param delay in milliseconds, asked for each answer */
export async function startDependency(delay: () => number): Promise<Dependency> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      setTimeout(() => socket.write('.'), delay());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    async connect() {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      return socket;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** One question and its answer. */
export async function ask(socket: Socket): Promise<void> {
  const answered = once(socket, 'data');
  socket.write('?');
  await answered;
}
