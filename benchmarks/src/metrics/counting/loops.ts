/**
 * The timed loops. The module is loaded once for each subject (by a query in its URL), so that V8 keeps its observations of
 * types apart: a user's call site sees one kind of counter as well.
 */

/** No interface, which would be no dictionary. */
type Attributes = { readonly method: string; readonly status: string };

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const STATUSES = ['200', '201', '404', '500'] as const;
/** Sixteen combinations in turn. */
const MASK = 3;

/** Each time an object of its own, as at a call site. */
function attributes(index: number): Attributes {
  return {
    method: METHODS[index & MASK] as string,
    status: STATUSES[(index >> 2) & MASK] as string,
  };
}

export function inc(counter: { inc(): void }, count: number): void {
  for (let i = 0; i < count; i++) counter.inc();
}

export function incLabelled(
  counter: { inc(labels: Attributes, amount?: number): void },
  count: number,
): void {
  for (let i = 0; i < count; i++) counter.inc(attributes(i), 1);
}

export function addAttributes(
  counter: { add(amount: number, attributes: Attributes): void },
  count: number,
): void {
  for (let i = 0; i < count; i++) counter.add(1, attributes(i));
}

export function observe(
  histogram: { observe(value: number): void },
  count: number,
  values: Float64Array,
): void {
  const mask = values.length - 1;
  for (let i = 0; i < count; i++) histogram.observe(values[i & mask] as number);
}

export function observeLabelled(
  histogram: { observe(labels: Attributes, value: number): void },
  count: number,
  values: Float64Array,
): void {
  const mask = values.length - 1;
  for (let i = 0; i < count; i++) histogram.observe(attributes(i), values[i & mask] as number);
}

export function recordWhole(
  histogram: { recordValue(value: number): void },
  count: number,
  values: Float64Array,
): void {
  const mask = values.length - 1;
  for (let i = 0; i < count; i++) {
    histogram.recordValue(Math.round((values[i & mask] as number) * 1e6));
  }
}
