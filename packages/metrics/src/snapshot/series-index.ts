type Node = Map<string, Node | number>;

/** Which number a series has among those that were merged so far, by its label values. */
export class SeriesIndex {
  readonly #width: number;
  #values: readonly string[] = [];
  #grown: string[] | undefined;
  #size = 0;
  /** A map for each label within that of the label before; made when it is needed. */
  #root: Node | undefined;

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

  /** The number of the series that has those values, by its number there; a new one if there is none. */
  numberOf(labelValues: readonly string[], at: number): number {
    // Processes that run the same program mostly have the same series in the same order.
    if (this.#isAt(at, labelValues)) return at;
    if (this.#width === 0) return this.#size++;
    const node = this.#nodeOf(this.#root ?? this.#begun(), labelValues, at);
    const last = labelValues[(at + 1) * this.#width - 1] as string;
    const known = node.get(last);
    if (known !== undefined) return known as number;
    this.#grown ??= [...this.#values];
    const end = (at + 1) * this.#width;
    for (let index = at * this.#width; index < end; index++) {
      this.#grown.push(labelValues[index] as string);
    }
    node.set(last, this.#size);
    return this.#size++;
  }

  #isAt(at: number, labelValues: readonly string[]): boolean {
    if (at >= this.#size) return false;
    const values = this.labelValues;
    const end = (at + 1) * this.#width;
    for (let index = at * this.#width; index < end; index++) {
      if (values[index] !== labelValues[index]) return false;
    }
    return true;
  }

  /** The map of the last label, for those values of the labels before. */
  #nodeOf(root: Node, labelValues: readonly string[], at: number): Node {
    let node = root;
    const end = (at + 1) * this.#width - 1;
    for (let index = at * this.#width; index < end; index++) {
      const value = labelValues[index] as string;
      let next = node.get(value) as Node | undefined;
      if (next === undefined) node.set(value, (next = new Map()));
      node = next;
    }
    return node;
  }

  #begun(): Node {
    const root: Node = new Map();
    const values = this.labelValues;
    for (let own = 0; own < this.#size; own++) {
      this.#nodeOf(root, values, own).set(values[(own + 1) * this.#width - 1] as string, own);
    }
    this.#root = root;
    return root;
  }
}
