/** A store that answers something else is in trouble, whatever it says. */
export function checkAnswers<Answer>(
  operation: string,
  answers: readonly Answer[],
  length: number,
): readonly Answer[] {
  if (Array.isArray(answers) && answers.length === length) return answers;
  throw new TypeError(`${operation} must resolve to one answer for each key`);
}

/** The items in slices of at most `size`. */
export function slicesOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  const slices: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += size) slices.push(items.slice(from, from + size));
  return slices;
}
