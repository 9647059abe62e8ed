import type { Group } from '../harness/group.ts';
import { hit } from './hit.ts';
import { memory } from './memory.ts';
import { metrics } from './metrics.ts';
import { pool } from './pool.ts';
import { resilience } from './resilience.ts';
import { tiered } from './tiered.ts';

/** All groups, in the order in which they run. */
export const GROUPS: Readonly<Record<string, Group>> = {
  memory,
  hit,
  tiered,
  resilience,
  pool,
  metrics,
};
