import { createReferenceBackend, referenceStore } from '@perf/cache-core/testing';
import { afterEach } from 'vitest';
import { describeFormatVersions } from '../src/index.ts';

let backend = createReferenceBackend();
afterEach(() => {
  backend = createReferenceBackend();
});

for (const conditional of [true, false]) {
  describeFormatVersions(`referenceStore ${conditional ? 'with' : 'without'} fencing`, {
    open: () => referenceStore({ backend, conditional }),
  });
}
