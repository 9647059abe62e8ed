import { viewsOf } from '../snapshot/snapshot-view.ts';
import type { RegistrySnapshot } from '../snapshot/snapshot.ts';
import { exposeFamilies } from './expose.ts';
import type { Exposition } from './exposition.ts';

/**
 * A snapshot, such as one that was merged from several, in the format that the `Accept` header wants most: as `expose` of a registry.
 * @param accept the `Accept` header of the request @default the text format
 */
export function exposeSnapshot(snapshot: RegistrySnapshot, accept?: string): Exposition {
  return exposeFamilies(viewsOf(snapshot), snapshot, accept);
}
