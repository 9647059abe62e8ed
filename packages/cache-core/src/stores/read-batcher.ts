interface Request<Answer> {
  readonly key: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Coalesces reads adaptively: one that is alone is sent at once; those that come while another is under
 * way are gathered until the end of the event loop's turn and sent as one.
 */
export class ReadBatcher<Answer> {
  readonly #read: (keys: readonly string[]) => Promise<readonly Answer[]>;
  readonly #onShared: ((answer: Answer, others: number) => void) | undefined;
  readonly #size: number;
  #underWay = 0;
  #gathered: Request<Answer>[] = [];

  /**
   * @param read answers in the order of the keys, none of which comes twice
   * @param size how many keys one read gathers at most
   * @param onShared told of an answer that others than the first caller get as well, and how many
   */
  constructor(
    read: (keys: readonly string[]) => Promise<readonly Answer[]>,
    size: number,
    onShared?: (answer: Answer, others: number) => void,
  ) {
    this.#read = read;
    this.#size = size;
    this.#onShared = onShared;
  }

  get(key: string): Promise<Answer> {
    if (this.#underWay === 0) return this.#send([key]).then(firstOf);
    return new Promise((resolve, reject) => {
      this.#gathered.push({ key, resolve, reject });
      if (this.#gathered.length === 1) {
        setImmediate(() => {
          this.#flush();
        });
      }
    });
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    for (let from = 0; from < gathered.length; from += this.#size) {
      void this.#sendAll(gathered.slice(from, from + this.#size));
    }
  }

  async #sendAll(batch: readonly Request<Answer>[]): Promise<void> {
    const places = new Map<string, number>();
    const keys: string[] = [];
    const others: number[] = [];
    for (const { key } of batch) {
      const place = places.get(key);
      if (place === undefined) {
        places.set(key, keys.length);
        keys.push(key);
        others.push(0);
      } else others[place] = (others[place] ?? 0) + 1;
    }
    try {
      const answers = await this.#send(keys);
      for (const [place, count] of others.entries()) {
        if (count > 0) this.#onShared?.(answers[place] as Answer, count);
      }
      for (const { key, resolve } of batch) resolve(answers[places.get(key) as number] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #send(keys: readonly string[]): Promise<readonly Answer[]> {
    this.#underWay++;
    try {
      return await this.#read(keys);
    } finally {
      this.#underWay--;
    }
  }
}

function firstOf<Answer>(answers: readonly Answer[]): Answer {
  return answers[0] as Answer;
}
