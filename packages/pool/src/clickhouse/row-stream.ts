/** Rows of a result, taken as they come: the server is not read from faster than that. The query is sent when the first is asked for. */
export interface RowStream<Row> extends AsyncIterable<Row> {
  /** The rows in the batches in which they came: quicker than one by one. */
  batches(): AsyncIterable<Row[]>;
}

/** @param begin sends the query; its iteration is ended in any case */
export function rowStream<Row>(begin: () => AsyncGenerator<Row[], void>): RowStream<Row> {
  return {
    batches: begin,
    [Symbol.asyncIterator]: () => new RowIterator(begin()),
  };
}

/** One by one out of batches: without a turn of the event loop for each. */
class RowIterator<Row> implements AsyncIterableIterator<Row> {
  readonly #batches: AsyncGenerator<Row[], void>;
  #batch: readonly Row[] = [];
  #at = 0;
  #fetching: Promise<unknown> | undefined;

  constructor(batches: AsyncGenerator<Row[], void>) {
    this.#batches = batches;
  }

  next(): Promise<IteratorResult<Row>> {
    if (this.#fetching !== undefined) return this.#fetching.then(() => this.next());
    if (this.#at < this.#batch.length) {
      return Promise.resolve({ done: false, value: this.#batch[this.#at++] as Row });
    }
    const fetching = this.#batches.next();
    this.#fetching = fetching.catch(() => undefined);
    return fetching.then(
      (step): IteratorResult<Row> | Promise<IteratorResult<Row>> => {
        this.#fetching = undefined;
        if (step.done === true) return { done: true, value: undefined };
        this.#batch = step.value;
        this.#at = 0;
        return this.next();
      },
      (error: unknown) => {
        this.#fetching = undefined;
        throw error;
      },
    );
  }

  async return(): Promise<IteratorResult<Row>> {
    this.#batch = [];
    await this.#batches.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
