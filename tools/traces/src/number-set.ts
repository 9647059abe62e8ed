const BITS = 5;
const FANOUT = 32;

/**
 * A set of whole numbers below a bound that knows its largest: a tree of bitmaps, in which a bit says
 * whether the word below it is empty. Every operation takes log₃₂(bound) steps.
 */
export class NumberSet {
  readonly #levels: readonly Uint32Array[];

  constructor(bound: number) {
    const levels: Uint32Array[] = [];
    let size = bound;
    do {
      size = Math.ceil(size / FANOUT);
      levels.push(new Uint32Array(size));
    } while (size > 1);
    this.#levels = levels;
  }

  has(number: number): boolean {
    const word = this.#levels[0]?.[number >>> BITS] ?? 0;
    return (word & (1 << (number & (FANOUT - 1)))) !== 0;
  }

  add(number: number): void {
    let position = number;
    for (const level of this.#levels) {
      const index = position >>> BITS;
      level[index] = (level[index] as number) | (1 << (position & (FANOUT - 1)));
      position = index;
    }
  }

  delete(number: number): void {
    let position = number;
    for (const level of this.#levels) {
      const index = position >>> BITS;
      const word = (level[index] as number) & ~(1 << (position & (FANOUT - 1)));
      level[index] = word;
      if (word !== 0) return;
      position = index;
    }
  }

  /** The largest number, or `undefined` if there is none. */
  max(): number | undefined {
    if (this.#levels.at(-1)?.[0] === 0) return undefined;
    let position = 0;
    for (const level of this.#levels.toReversed()) {
      position = position * FANOUT + 31 - Math.clz32(level[position] as number);
    }
    return position;
  }
}
