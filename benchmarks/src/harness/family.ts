import type { GroupContext } from './group.ts';
import type { ResultRow } from './target.ts';

/** Measures what belongs together. @returns one row for each of its targets, in their order */
export type Family = (context: GroupContext) => Promise<readonly ResultRow[]>;
