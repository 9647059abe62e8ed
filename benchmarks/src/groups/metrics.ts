import type { Family } from '../harness/family.ts';
import type { Group } from '../harness/group.ts';
import type { ResultRow } from '../harness/target.ts';
import { accuracy } from '../metrics/accuracy/accuracy.ts';
import { counting } from '../metrics/counting/counting.ts';
import { diagnosis } from '../metrics/diagnosis/diagnosis.ts';
import { exposition } from '../metrics/exposition/exposition.ts';
import { leaks } from '../metrics/leaks/leaks.ts';
import { merging } from '../metrics/merging/merging.ts';
import { overhead } from '../metrics/overhead/overhead.ts';

const FAMILIES: readonly Family[] = [
  counting,
  accuracy,
  exposition,
  overhead,
  merging,
  diagnosis,
  leaks,
];

/** What it costs to count and to watch, and what it brings: rows met-1 to met-8. */
export const metrics: Group = {
  async run(context) {
    const rows: ResultRow[] = [];
    for (const measure of FAMILIES) rows.push(...(await measure(context)));
    return rows;
  },
};
