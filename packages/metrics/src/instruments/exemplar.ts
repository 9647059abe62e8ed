import type { Labels } from '../series/labels.ts';

/** An observation that stands for others, with labels that lead to it. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Characters of all names and values together, as OpenMetrics allows. */
const MAX_LENGTH = 128;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** @returns `undefined` when the labels are none that an exemplar may have: it is left out then */
export function exemplarOf(labels: Labels, value: number, at: number): Exemplar | undefined {
  const texts: Record<string, string> = {};
  let length = 0;
  for (const [name, label] of Object.entries(labels)) {
    const text = String(label);
    length += name.length + text.length;
    if (length > MAX_LENGTH || !NAME.test(name)) return undefined;
    texts[name] = text.toWellFormed();
  }
  return length === 0 ? undefined : { labels: texts, value, at };
}
