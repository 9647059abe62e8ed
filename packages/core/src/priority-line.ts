/** What stands in a {@link PriorityLine}, which sets these fields. */
export interface LineEntry<Entry> {
  lane: number;
  ahead: Entry | undefined;
  behind: Entry | undefined;
}

/**
 * Lanes of entries: the higher lane first, in the order of arrival within one. Adding one, removing any and finding the next take
 * constant time and allocate nothing.
 */
export class PriorityLine<Entry extends LineEntry<Entry>> {
  readonly #first: (Entry | undefined)[] = [];
  readonly #last: (Entry | undefined)[] = [];
  /** A bit for each lane that has entries. */
  #occupied = 0;
  #size = 0;

  /** @param lanes from 1 to 32: they are numbered from 0 */
  constructor(lanes: number) {
    for (let lane = 0; lane < lanes; lane++) {
      this.#first.push(undefined);
      this.#last.push(undefined);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Whose turn is next; `undefined` when there is none. */
  get next(): Entry | undefined {
    return this.#occupied === 0 ? undefined : this.#first[31 - Math.clz32(this.#occupied)];
  }

  /** @param entry one that is in no line. @param lane a whole number below the number of lanes */
  add(entry: Entry, lane: number): void {
    const last = this.#last[lane];
    entry.lane = lane;
    entry.ahead = last;
    if (last === undefined) this.#first[lane] = entry;
    else last.behind = entry;
    this.#last[lane] = entry;
    this.#occupied |= 1 << lane;
    this.#size++;
  }

  /** @param entry one of this line */
  remove(entry: Entry): void {
    const { lane, ahead, behind } = entry;
    if (ahead === undefined) this.#first[lane] = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last[lane] = ahead;
    else behind.ahead = ahead;
    if (ahead === undefined && behind === undefined) this.#occupied &= ~(1 << lane);
    // One that has grown old would else keep all who came after it from the garbage collector's quick rounds.
    entry.ahead = undefined;
    entry.behind = undefined;
    this.#size--;
  }
}
