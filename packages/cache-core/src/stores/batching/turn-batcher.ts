interface Entry<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends what is asked for within one turn of the event loop together; one alone loses no time by it. */
export class TurnBatcher<Item, Answer> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Answer[]>;
  #gathered: Entry<Item, Answer>[] = [];

  /** @param send answers each item, in their order; its rejection is that of all who asked */
  constructor(send: (items: readonly Item[]) => Promise<readonly Answer[]>) {
    this.#send = send;
  }

  /** All that were sent together are answered together. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ item, resolve, reject });
      // Behind all promises that are settled already, and before anything that waits for the loop.
      if (this.#gathered.length === 1) process.nextTick(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#gathered;
    this.#gathered = [];
    try {
      const answers = await this.#send(batch.map(({ item }) => item));
      if (answers.length !== batch.length) {
        throw new Error(`${batch.length} items were sent, ${answers.length} were answered`);
      }
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
