// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { PerfError } from '@perf/core';
import { BrokenCircuitError } from '@perf/resilience';

const refused = new BrokenCircuitError('payments', 250);
equal(
  [refused.code, refused.retryAfter, refused instanceof PerfError],
  ['PERF_CIRCUIT_OPEN', 250, true],
);
console.log('works');
