const SPECIAL = /[\\\n"]/;
const ALL_SPECIAL = /[\\\n"]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '"': String.raw`\"`,
};

/** A text as it stands between quotation marks in the text formats. */
function escapeLabelValue(value: string): string {
  return SPECIAL.test(value)
    ? value.replaceAll(ALL_SPECIAL, (character) => ESCAPES[character] as string)
    : value;
}

/** Labels as they stand between braces: `a="1",b="2"`; empty of none. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, at) => `${name}="${escapeLabelValue(values[at] ?? '')}"`).join(',');
}

/** Two label texts as one. */
export function joinLabelTexts(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${first},${second}`;
}

/**
 * A label's value as a text that every format can carry: cut off at the length, without halves of characters.
 */
export function cleanLabelValue(value: string | number | boolean, maxLength: number): string {
  const text = String(value);
  return (text.length > maxLength ? text.slice(0, maxLength) : text).toWellFormed();
}
