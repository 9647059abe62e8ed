const OPERATIONS: ReadonlySet<string> = new Set(
  (
    'select insert update delete merge with values copy call begin start commit rollback savepoint release set show ' +
    'explain create alter drop truncate listen notify refresh analyze vacuum'
  ).split(' '),
);

/** The first word of a statement, in small letters; `other` for one that is not among the usual, so that there are few. */
export function sqlOperation(text: string): string {
  const word = /^[a-z]+/iu.exec(text.slice(0, 100).trimStart())?.[0].toLowerCase() ?? '';
  return OPERATIONS.has(word) ? word : 'other';
}
