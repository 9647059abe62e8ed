import type { Family } from '../harness/family.ts';
import type { Group } from '../harness/group.ts';
import type { ResultRow } from '../harness/target.ts';
import { http } from '../pool/http/http.ts';
import { objects } from '../pool/objects/objects.ts';
import { postgres } from '../pool/postgres/postgres.ts';

const FAMILIES: readonly Family[] = [objects, http, postgres];

/** What pools cost and what they bring: rows pool-1 to pool-9. */
export const pool: Group = {
  async run(context) {
    const rows: ResultRow[] = [];
    for (const measure of FAMILIES) rows.push(...(await measure(context)));
    return rows;
  },
};
