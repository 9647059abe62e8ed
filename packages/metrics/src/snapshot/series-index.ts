/** Between the values of one key; no label value contains half a character. */
const SEPARATOR = '\uDC00';

/** Which number a series has among those that were merged so far, by its label values. */
export class SeriesIndex {
  readonly #width: number;
  #values: readonly string[] = [];
  #grown: string[] | undefined;
  #size = 0;
  #byKey: Map<string, number> | undefined;

  /** @param width how many label values each series has */
  constructor(width: number) {
    this.#width = width;
  }

  get size(): number {
    return this.#size;
  }

  /** The label values of all series, one after the other. */
  get labelValues(): readonly string[] {
    return this.#grown ?? this.#values;
  }

  /** Takes the first series, none of which occurs twice. */
  begin(labelValues: readonly string[], size: number): void {
    this.#values = labelValues;
    this.#size = size;
  }

  /** The number of the series that has those values from `at` on; a new one if there is none. */
  numberOf(labelValues: readonly string[], at: number): number {
    // Processes that run the same program mostly have the same series in the same order.
    return this.#isAt(at, labelValues, at) ? at : this.#lookUp(labelValues, at);
  }

  #isAt(own: number, labelValues: readonly string[], at: number): boolean {
    if (own >= this.#size) return false;
    const width = this.#width;
    const values = this.labelValues;
    for (let column = 0; column < width; column++) {
      if (values[own * width + column] !== labelValues[at * width + column]) return false;
    }
    return true;
  }

  #lookUp(labelValues: readonly string[], at: number): number {
    const width = this.#width;
    const byKey = (this.#byKey ??= this.#keys());
    const values = labelValues.slice(at * width, (at + 1) * width);
    const key = values.join(SEPARATOR);
    const known = byKey.get(key);
    if (known !== undefined) return known;
    this.#grown ??= [...this.#values];
    this.#grown.push(...values);
    byKey.set(key, this.#size);
    return this.#size++;
  }

  #keys(): Map<string, number> {
    const keys = new Map<string, number>();
    const width = this.#width;
    for (let own = 0; own < this.#size; own++) {
      keys.set(this.labelValues.slice(own * width, (own + 1) * width).join(SEPARATOR), own);
    }
    return keys;
  }
}
