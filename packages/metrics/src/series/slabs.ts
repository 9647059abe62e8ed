const FIRST_LENGTH = 8;
const MAX_LENGTH = 1024;

/** The place of one number. */
export interface Cell {
  readonly slab: Float64Array;
  readonly at: number;
}

/** Numbers side by side, in arrays that are never moved: whoever has a cell may keep it. */
export class Slabs {
  #slab: Float64Array = new Float64Array(FIRST_LENGTH);
  #used = 0;
  readonly #free: Cell[] = [];

  /** A place that is nobody else's, with 0 in it. */
  take(): Cell {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.#slab.length) {
      this.#slab = new Float64Array(Math.min(this.#slab.length * 2, MAX_LENGTH));
      this.#used = 0;
    }
    return { slab: this.#slab, at: this.#used++ };
  }

  /** Gives a place back, which nobody may use any more. */
  give(cell: Cell): void {
    cell.slab[cell.at] = 0;
    this.#free.push(cell);
  }
}
