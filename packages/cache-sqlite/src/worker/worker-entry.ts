/** The thread of a store with `worker: true`. */
import { setMaxListeners } from 'node:events';
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads';
import { loadDriver } from '../database/driver.ts';
import { STORE_EVENTS } from '../events.ts';
import { LocalStore } from '../local-store.ts';
import { failureToMessage } from './failure-message.ts';
import { SLOT, type RemoteCalls, type Reply, type Request, type WorkerSetup } from './protocol.ts';
import { ownBytes } from './own-bytes.ts';

/** Callers give up on their side of the port. */
const CALL = { signal: new AbortController().signal };
// Every call that waits for the file or a lock listens to it.
setMaxListeners(0, CALL.signal);

if (parentPort !== null) serve(parentPort, workerData as WorkerSetup);

function serve(port: NonNullable<typeof parentPort>, { settings, slots }: WorkerSetup): void {
  const states = new Int32Array(slots);
  const store = new LocalStore(settings);
  // Before the first call asks for it, which tells when it is missing.
  loadDriver()
    .catch(() => undefined)
    .finally(() => {
      send({ kind: 'ready' });
    });

  function send(reply: Reply, transfer: readonly TransferListItem[] = []): void {
    port.postMessage(reply, transfer);
  }

  async function answer({ id, slot, method, args }: Extract<Request, { kind: 'call' }>) {
    if (Atomics.compareExchange(states, slot, SLOT.waiting, SLOT.begun) !== SLOT.waiting) {
      send({ kind: 'cancelled', id });
      return;
    }
    try {
      const target = (method in store ? store : store.fencing) as unknown as RemoteCalls;
      const step = target[method] as (...args: readonly unknown[]) => Promise<unknown>;
      const { value, transfer } = ownBytes(await step.call(target, ...args, CALL));
      send({ kind: 'value', id, value }, transfer);
    } catch (error) {
      send({ kind: 'error', id, error: failureToMessage(error) });
    }
  }

  for (const event of STORE_EVENTS) {
    store.events.on(event, (payload) => {
      const { error, ...rest } = payload as { readonly error?: Error };
      send({
        kind: 'event',
        event,
        payload: rest,
        error: error === undefined ? undefined : failureToMessage(error),
      });
    });
  }
  port.on('message', (request: Request) => {
    if (request.kind === 'call') void answer(request);
    else {
      void store.close().finally(() => {
        port.close();
      });
    }
  });
}
