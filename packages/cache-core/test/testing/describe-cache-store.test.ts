import { ManualClock } from '@perf/core/testing';
import { describe, it } from 'vitest';
import { createBusHub } from '../../src/testing/bus-hub.ts';
import { describeCacheStore } from '../../src/testing/describe-cache-store.ts';
import { createReferenceBackend } from '../../src/testing/reference-backend.ts';
import { referenceBus } from '../../src/testing/reference-bus.ts';
import { referenceStore, type ReferenceStoreOptions } from '../../src/testing/reference-store.ts';

const DROPS_KEPT = 1000;

/** Every part that can be missing, alone and together with the others. */
const VARIANTS: readonly ReferenceStoreOptions[] = [
  {},
  { scope: 'process' },
  { scope: 'network', drops: false },
  { persistent: false },
  { remaining: false },
  { maxKeyBytes: 250, maxValueBytes: 10_000 },
  { conditional: false, scan: true, touch: true },
  { conditional: true, scan: false, touch: true },
  { conditional: true, scan: true, touch: false },
  { conditional: false, scan: false, touch: true },
  { conditional: false, scan: true, touch: false },
  { conditional: true, scan: false, touch: false },
  { conditional: false, scan: false, touch: false, scope: 'process', persistent: false },
];

describeCacheStore(
  'referenceStore({ hub })',
  () => {
    const clock = new ManualClock();
    const hub = createBusHub({ clock });
    const backend = createReferenceBackend({ clock });
    const open = (): ReturnType<typeof referenceStore> => referenceStore({ hub, backend });
    return {
      store: open(),
      advance: (milliseconds) => {
        clock.advance(milliseconds);
      },
      second: open,
      reopen: open,
      bus: () => referenceBus({ hub }),
      cleanup: () => {},
    };
  },
  { describe, it, capabilities: referenceStore({ hub: createBusHub() }).capabilities },
);

for (const options of VARIANTS) {
  describeCacheStore(
    `referenceStore(${JSON.stringify(options)})`,
    () => {
      const clock = new ManualClock();
      const backend = createReferenceBackend({ clock, dropsKept: DROPS_KEPT });
      const open = (): ReturnType<typeof referenceStore> => referenceStore({ ...options, backend });
      return {
        store: open(),
        advance: (milliseconds) => {
          clock.advance(milliseconds);
        },
        second: open,
        reopen: open,
        cleanup: () => {},
      };
    },
    {
      describe,
      it,
      capabilities: referenceStore(options).capabilities,
      ...(options.drops === undefined ? {} : { drops: options.drops }),
      dropsKept: DROPS_KEPT,
    },
  );
}
