import { abortable, deadlineSignal } from '@perf/core';
import { PendingLostError } from '../errors.ts';
import type { CacheParts } from './assemble-cache.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** How long a store may take to close, in milliseconds. */
const CLOSE_TIMEOUT = 5000;

/**
 * Waits for what is under way, writes what is pending, closes the stores. Never rejects: trouble, and
 * what could not be written, is told by events.
 */
export async function closeCache<V>(parts: CacheParts<V>): Promise<void> {
  const { context, memory } = parts;
  const { gates, local, chain } = context;
  local.close();
  await parts.settled();
  await chain.runAlone(() => Promise.resolve());
  await Promise.all(gates.map((gate) => closeGate(context, gate)));
  // Behind the stores: what they wrote last is numbered.
  await context.bus?.close();
  memory?.close();
}

async function closeGate<V>(
  { clock, events, options }: CacheParts<V>['context'],
  gate: StoreGate,
): Promise<void> {
  const { name: cache } = options;
  const { name: store } = gate.store;
  await gate.replay();
  gate.stop();
  const { size } = gate.pending;
  if (size > 0) {
    const error = new PendingLostError(store, size);
    events.emit('error', { cache, operation: 'close', store, error });
  }
  const deadline = deadlineSignal(clock, `close of store "${store}"`, CLOSE_TIMEOUT);
  try {
    await abortable(closeStore(gate), deadline.signal);
  } catch (error) {
    events.emit('error', { cache, operation: 'close', store, error });
  } finally {
    deadline.release();
  }
}

/** Turns what it throws at once into a rejection. */
async function closeStore({ store }: StoreGate): Promise<void> {
  await store.close();
}
