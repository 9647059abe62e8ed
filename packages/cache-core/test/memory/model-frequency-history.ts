/** How often keys that left were used: lists by bucket, the newest first. */
export class ModelHistory {
  readonly #size: number;
  readonly #perStep: number;
  readonly #buckets = new Map<number, { fingerprint: number; frequency: number }[]>();

  constructor(capacity: number) {
    this.#size = Math.max(4, 2 ** Math.ceil(Math.log2(2 * capacity)));
    this.#perStep = Math.floor(this.#size / capacity);
  }

  /** -1 for a key that is not known. */
  read(hash: number): number {
    const fingerprint = this.#fingerprint(hash);
    return this.#bucket(hash).find((one) => one.fingerprint === fingerprint)?.frequency ?? -1;
  }

  write(hash: number, frequency: number): void {
    const fingerprint = this.#fingerprint(hash);
    const bucket = this.#bucket(hash);
    const others = bucket.filter((one) => one.fingerprint !== fingerprint);
    if (others.length === 4) {
      const least = Math.min(...others.map((one) => one.frequency));
      others.splice(
        others.findLastIndex((one) => one.frequency === least),
        1,
      );
    }
    const highest = Math.max(frequency, this.read(hash));
    this.#buckets.set(this.#number(hash), [{ fingerprint, frequency: highest }, ...others]);
  }

  /** The step of ageing that has the number. */
  age(step: number): void {
    for (let i = 0; i < this.#perStep; i++) {
      const word = (step * this.#perStep + i) % this.#size;
      const known = this.#buckets.get(Math.floor(word / 4))?.[word % 4];
      if (known !== undefined) known.frequency = Math.floor(known.frequency / 2);
    }
  }

  #fingerprint(hash: number): number {
    return Math.max(1, hash >>> 20);
  }

  #number(hash: number): number {
    return (hash >>> 0) % (this.#size / 4);
  }

  #bucket(hash: number): { fingerprint: number; frequency: number }[] {
    return this.#buckets.get(this.#number(hash)) ?? [];
  }
}
