/** How many call at once; a workload is a number of callers and what they do. */
export const CALLERS = [1, 16, 64] as const;

/** A row by its primary key. */
export function byKey(callers: number): string {
  return `by primary key, ${callers} at once`;
}

export const POOLED = 'pooled or not';
export const ERRORS = 'half of all inserts violate a unique key';

export const OURS = 'ours';
/** With `prepare: false`. */
export const OURS_UNPREPARED = 'ours, unprepared';
export const PG_POOL = 'pg.Pool.query';
/** A second copy of what the others are compared with. */
export const PG_POOL_CONTROL = 'pg.Pool.query (control)';
/** By a name of the user's own. */
export const PG_POOL_NAMED = 'pg.Pool.query, named by hand';
export const POSTGRES_JS = 'postgres.js';
export const PER_QUERY = 'a connection per query';
