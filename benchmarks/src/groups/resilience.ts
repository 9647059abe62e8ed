import type { Group } from '../harness/group.ts';
import type { ResultRow } from '../harness/target.ts';
import { batching } from '../resilience/batcher/batching.ts';
import { correlation } from '../resilience/correlation/correlation.ts';
import type { Family } from '../harness/family.ts';
import { accuracy } from '../resilience/limiters/accuracy.ts';
import { deciding } from '../resilience/limiters/deciding.ts';
import { overload } from '../resilience/overload/overload.ts';
import { policies } from '../resilience/policies/policies.ts';
import { redisLimits } from '../resilience/redis-limits/redis-limits.ts';

const FAMILIES: readonly Family[] = [
  policies,
  deciding,
  accuracy,
  redisLimits,
  overload,
  batching,
  correlation,
];

/** What resilience costs and what it brings: rows res-1 to res-13, and the correlation of failures. */
export const resilience: Group = {
  async run(context) {
    const rows: ResultRow[] = [];
    for (const measure of FAMILIES) rows.push(...(await measure(context)));
    return rows;
  },
};
