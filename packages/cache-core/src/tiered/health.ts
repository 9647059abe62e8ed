import { abortable, deadlineSignal, type Clock } from '@perf/core';
import type { StoreHealth } from '../contracts/cache-store.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** One store as its cache sees it. */
export interface StoreStatus extends StoreHealth {
  readonly name: string;
  /** Whether the cache sends it calls at the moment. */
  readonly available: boolean;
  /** Invalidations that wait until it answers. */
  readonly pending: number;
}

/** Whether every tier works. A cache with an unhealthy store still answers. */
export interface CacheHealth {
  readonly healthy: boolean;
  readonly stores: readonly StoreStatus[];
}

/** Asks every store, each within the store timeout. Never rejects. */
export async function checkHealth(
  gates: readonly StoreGate[],
  clock: Clock,
  timeout: number,
): Promise<CacheHealth> {
  const stores = await Promise.all(gates.map((gate) => statusOf(gate, clock, timeout)));
  return { healthy: stores.every(({ healthy, pending }) => healthy && pending === 0), stores };
}

async function statusOf(gate: StoreGate, clock: Clock, timeout: number): Promise<StoreStatus> {
  const { store, available, pending } = gate;
  const deadline = deadlineSignal(clock, `health of store "${store.name}"`, timeout);
  const state = { name: store.name, available, pending: pending.size };
  try {
    const health = await abortable(store.health({ signal: deadline.signal }), deadline.signal);
    return { ...state, ...health };
  } catch (error) {
    return {
      ...state,
      healthy: false,
      reason: error instanceof Error ? error.message : String(error),
    };
  } finally {
    deadline.release();
  }
}
