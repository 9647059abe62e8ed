interface Request<Answer> {
  readonly key: string;
  readonly take: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
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

  /** What `map` makes of the answer. */
  get<T>(key: string, map: (answer: Answer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const request: Request<Answer> = {
        key,
        take: (answer) => {
          resolve(map(answer));
        },
        fail: reject,
      };
      if (this.#underWay === 0) {
        this.#send([request]);
        return;
      }
      this.#gathered.push(request);
      if (this.#gathered.length === 1) setImmediate(this.#flush);
    });
  }

  readonly #flush = (): void => {
    const gathered = this.#gathered;
    this.#gathered = [];
    for (let from = 0; from < gathered.length; from += this.#size) {
      this.#send(
        from === 0 && gathered.length <= this.#size
          ? gathered
          : gathered.slice(from, from + this.#size),
      );
    }
  };

  #send(batch: readonly Request<Answer>[]): void {
    const keys = batch.map(({ key }) => key);
    const unique = batch.length === 1 ? keys : [...new Set(keys)];
    this.#underWay++;
    this.#read(unique).then(
      (answers) => {
        this.#underWay--;
        if (unique.length === keys.length) {
          for (let place = 0; place < batch.length; place++) {
            answer(batch[place] as Request<Answer>, answers[place] as Answer);
          }
        } else this.#share(batch, unique, answers);
      },
      (error: unknown) => {
        this.#underWay--;
        for (const { fail } of batch) fail(error);
      },
    );
  }

  /** Some were asked for by several callers. */
  #share(
    batch: readonly Request<Answer>[],
    unique: readonly string[],
    answers: readonly Answer[],
  ): void {
    const callers = new Map<string, Request<Answer>[]>();
    for (const request of batch) {
      const others = callers.get(request.key);
      if (others === undefined) callers.set(request.key, [request]);
      else others.push(request);
    }
    for (const [place, key] of unique.entries()) {
      const all = callers.get(key) ?? [];
      if (all.length > 1) this.#onShared?.(answers[place] as Answer, all.length - 1);
      for (const request of all) answer(request, answers[place] as Answer);
    }
  }
}

function answer<Answer>({ take, fail }: Request<Answer>, one: Answer): void {
  try {
    take(one);
  } catch (error) {
    fail(error);
  }
}
