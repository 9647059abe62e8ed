/** After how many late batches at the most it is tried again whether waiting makes them larger. */
const RAREST_TRIAL = 1024;
/** By which part the expected size grows, once it has been found too large. */
const GROWTH = 1 / 8;

/**
 * How many keys to wait for: as many as usually come within the longest wait. It begins at one and doubles while that
 * many come; when they do not, it falls to how many came, and waiting for more is tried the more rarely the
 * more often it was in vain. Only a batch that begins soon after another was sent gives reason to try.
 */
export class ExpectedSize {
  readonly #max: number;
  #size = 1;
  #growth = 1;
  #late = 0;
  #trying = false;
  /** How many late batches it takes until waiting for more is tried. */
  #patience = 1;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** A batch begins with a key that came too late for one that could have waited for it. */
  cameLate(): void {
    if (this.#trying || ++this.#late < this.#patience) return;
    this.#late = 0;
    this.#trying = true;
    this.#size = Math.min(this.#max, Math.ceil(this.#size * (1 + this.#growth)));
  }

  /** A batch was sent since as many had come as were expected, or more. */
  reached(): void {
    if (!this.#trying) return;
    this.#trying = false;
    this.#growth = Math.min(1, this.#growth * 2);
    this.#patience = Math.max(1, this.#patience >> 1);
  }

  /** A batch was sent with fewer keys, after the longest wait. */
  missed(count: number): void {
    this.#size = Math.max(1, Math.min(this.#max, count));
    this.#growth = GROWTH;
    this.#late = 0;
    if (!this.#trying) return;
    this.#trying = false;
    this.#patience = Math.min(RAREST_TRIAL, this.#patience * 2);
  }
}
