/** A text without line breaks and what else moves the cursor of a terminal: such characters are escaped. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    character === '\n'
      ? String.raw`\n`
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
