/** A quantity that is given as a number or with a unit, as errors describe it. */
export interface Measure {
  /** Such as `'a duration'`, counted in `'whole milliseconds'`, or in one of the `units`. */
  readonly name: string;
  readonly counted: string;
  readonly units: string;
  /** As they are written, and what they are; the first two within the bounds are shown. */
  readonly examples: readonly (readonly [written: string, value: number])[];
}

/** What a value must be. The examples lie within the bounds. */
export function expectedMeasure(
  { name, counted, units, examples }: Measure,
  min: number,
  max: number,
  infinite: boolean,
): string {
  const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${max}`;
  const within = examples.filter(([, value]) => value >= min && value <= max).slice(0, 2);
  const such = within.length === 0 ? `${min}` : within.map(([written]) => written).join(' or ');
  return `${name} of at least ${min}${most} ${counted}, as a number or with a unit (${units}), such as ${such}${infinite ? ', or Infinity' : ''}`;
}
