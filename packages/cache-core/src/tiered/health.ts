import { abortable, deadlineSignal, type Clock } from '@perf/core';
import type { StoreHealth } from '../contracts/cache-store.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** One store as its cache sees it. */
export interface StoreStatus extends StoreHealth {
  readonly name: string;
  /** Whether the cache sends it calls at the moment. */
  readonly available: boolean;
  /** Invalidations that wait until it answers. */
  readonly pending: number;
  /** Invalidations that are repeated within a minute, since earlier writes could not be kept from arriving late. */
  readonly unsevered: number;
}

/** The bus as its cache sees it. */
export interface BusStatus {
  readonly name: string;
  /** Whether messages are heard; while they are not, memory serves only what the shared store confirms. */
  readonly connected: boolean;
  /** How many other instances are heard. */
  readonly others: number;
}

/** Whether every tier works and is used. A cache with an unhealthy store still answers. */
export interface CacheHealth {
  readonly healthy: boolean;
  readonly stores: readonly StoreStatus[];
  /** Where there is one. */
  readonly bus?: BusStatus;
}

/** Asks every store, each within the store timeout. Never rejects. */
export async function checkHealth<V>({
  gates,
  bus,
  clock,
  options,
}: CacheContext<V>): Promise<CacheHealth> {
  const { storeTimeout } = options;
  const stores = await Promise.all(gates.map((gate) => statusOf(gate, clock, storeTimeout)));
  const healthy = stores.every((store) => store.healthy && store.available && store.pending === 0);
  if (bus === undefined) return { healthy, stores };
  const { name, connected, others } = bus;
  return { healthy: healthy && connected, stores, bus: { name, connected, others } };
}

async function statusOf(gate: StoreGate, clock: Clock, timeout: number): Promise<StoreStatus> {
  const { store, available, pending, unsevered } = gate;
  const deadline = deadlineSignal(clock, `health of store "${store.name}"`, timeout);
  const state = { name: store.name, available, pending: pending.size, unsevered };
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
