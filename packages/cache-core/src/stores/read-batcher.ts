type Found<Entry> = readonly (Entry | undefined)[];

interface Request<Entry> {
  readonly keys: readonly string[];
  readonly resolve: (found: Found<Entry>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Coalesces reads adaptively: one that is alone is sent at once; those that come while another is
 * under way are gathered until the end of the event loop's turn and sent as one.
 */
export class ReadBatcher<Entry> {
  readonly #read: (keys: readonly string[]) => Promise<Found<Entry>>;
  readonly #size: number;
  #underWay = 0;
  #gathered: Request<Entry>[] = [];

  /** @param size how many keys one read gathers at most */
  constructor(read: (keys: readonly string[]) => Promise<Found<Entry>>, size: number) {
    this.#read = read;
    this.#size = size;
  }

  /** Same order and length as `keys`. */
  getMany(keys: readonly string[]): Promise<Found<Entry>> {
    if (this.#underWay === 0 || keys.length >= this.#size) return this.#send(keys);
    return new Promise((resolve, reject) => {
      this.#gathered.push({ keys, resolve, reject });
      if (this.#gathered.length === 1) {
        setImmediate(() => {
          this.#flush();
        });
      }
    });
  }

  #flush(): void {
    let batch: Request<Entry>[] = [];
    let size = 0;
    const gathered = this.#gathered;
    this.#gathered = [];
    for (const request of gathered) {
      if (size + request.keys.length > this.#size && batch.length > 0) {
        void this.#sendAll(batch);
        batch = [];
        size = 0;
      }
      batch.push(request);
      size += request.keys.length;
    }
    if (batch.length > 0) void this.#sendAll(batch);
  }

  async #sendAll(batch: readonly Request<Entry>[]): Promise<void> {
    const unique = [...new Set(batch.flatMap(({ keys }) => keys))];
    try {
      const found = await this.#send(unique);
      const byKey = new Map(unique.map((key, index) => [key, found[index]]));
      for (const { keys, resolve } of batch) resolve(keys.map((key) => byKey.get(key)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #send(keys: readonly string[]): Promise<Found<Entry>> {
    this.#underWay++;
    try {
      return await this.#read(keys);
    } finally {
      this.#underWay--;
    }
  }
}
