import type { FamilyView } from '../instruments/family-view.ts';
import type { Exposition } from './exposition.ts';
import { writeJson } from './json.ts';
import { CONTENT_TYPES, negotiate, type ExpositionFormat } from './negotiate.ts';
import { PiecewiseExposition, type Pieces } from './pieces.ts';
import { writeProtobuf, type LabelDefaults } from './protobuf.ts';
import { writeText } from './text-writer.ts';

/** Families in the format that the `Accept` header wants most. */
export function exposeFamilies(
  families: readonly FamilyView[],
  defaults: LabelDefaults,
  accept: string | undefined,
): Exposition {
  const format = negotiate(accept);
  return new PiecewiseExposition(CONTENT_TYPES[format], write(format, families, defaults));
}

function write(
  format: ExpositionFormat,
  families: readonly FamilyView[],
  defaults: LabelDefaults,
): Pieces {
  if (format === 'protobuf') return writeProtobuf(families, defaults);
  if (format === 'json') return writeJson(families, defaults);
  return writeText(families, { isOpenMetrics: format === 'openmetrics' });
}
