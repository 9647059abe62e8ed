/**
 * The one of the names that was probably meant: the one that the fewest slips lead to, a slip being a
 * letter that is missing, added, wrong or swapped with its neighbour (optimal string alignment); case
 * does not count. `undefined` when it takes more slips than a third of the letters.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let fewest = most + 1;
  for (const one of names) {
    if (Math.abs(one.length - name.length) >= fewest) continue;
    const slips = slipsBetween(name.toLowerCase(), one.toLowerCase());
    if (slips >= fewest) continue;
    nearest = one;
    fewest = slips;
  }
  return nearest;
}

function slipsBetween(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let slips = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      }
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
