import type { LedgerMember } from '../contracts/store-fencing.ts';

/** The members with soft invalidations as hard ones, for when the number that a soft one counts from is not known, or not any more. */
export function hardened(members: readonly LedgerMember[]): readonly LedgerMember[] {
  return members.map(({ kind, name }) => ({ kind: kind === 'soft' ? 'tag' : kind, name }));
}
