import type { Policy } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import type { Invalidation } from '../../src/stores/invalidations/pending-invalidations.ts';
import { StoreGate } from '../../src/stores/store-gate.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
  type ReferenceStoreOptions,
} from '../../src/testing.ts';

/** A store with gates before it, and what they told. */
export interface GateWorld {
  readonly clock: ManualClock;
  readonly store: ControllableStore;
  readonly states: boolean[];
  readonly errors: string[];
  readonly replayed: Invalidation[];
  readonly open: (policy?: Policy) => StoreGate;
  /** Makes the next calls fail until the store is healed. */
  readonly breakStore: () => void;
}

export function gateWorld(options: ReferenceStoreOptions = {}): GateWorld {
  const clock = new ManualClock();
  const backend = createReferenceBackend({ clock });
  const store = controllableStore(referenceStore({ backend, ...options }));
  const states: boolean[] = [];
  const errors: string[] = [];
  const replayed: Invalidation[] = [];
  return {
    clock,
    store,
    states,
    errors,
    replayed,
    open: (policy) =>
      new StoreGate(store, {
        clock,
        timeout: 250,
        policy,
        isAuthority: true,
        onAgain: () => undefined,
        async replay(gate, { invalidation }) {
          replayed.push(invalidation);
          const keys = invalidation.kind === 'keys' ? invalidation.keys : [];
          return gate.deleteAgain(keys);
        },
        onError: (operation) => errors.push(operation),
        onStateChange: (available) => states.push(available),
      }),
    breakStore: () => {
      store.fail(undefined, new Error('down'), { times: Infinity });
      store.fail('health', new Error('down'), { times: Infinity });
    },
  };
}
