/** What the probes of one half-open state have come to. */
export type ProbeVerdict = 'undecided' | 'succeeded' | 'failed';

/** The calls that try whether it works again: so many at the most, each with a deadline. */
export class Probes {
  readonly #limit: number;
  readonly #successThreshold: number;
  readonly #timeout: number;
  /** Serial number and start of each that is under way, in order of their start. */
  readonly #serials: number[] = [];
  readonly #starts: number[] = [];
  #issued = 0;
  succeeded = 0;
  failed = 0;

  constructor(limit: number, successThreshold: number, timeout: number) {
    this.#limit = limit;
    this.#successThreshold = successThreshold;
    this.#timeout = timeout;
  }

  get pending(): number {
    return this.#serials.length;
  }

  /** Milliseconds until the oldest has failed, at the most; 0 when none is under way. */
  remaining(now: number): number {
    const oldest = this.#starts[0];
    return oldest === undefined ? 0 : Math.max(0, oldest + this.#timeout - now);
  }

  /** @returns the probe's number, from 1, or 0 when all are issued */
  start(now: number): number {
    if (this.pending + this.succeeded + this.failed >= this.#limit) return 0;
    this.#serials.push(++this.#issued);
    this.#starts.push(now);
    return this.#issued;
  }

  /** @returns when the probe started, `undefined` when it is not under way (any more) */
  take(serial: number): number | undefined {
    const at = this.#serials.indexOf(serial);
    if (at === -1) return undefined;
    const start = this.#starts[at];
    this.#serials.splice(at, 1);
    this.#starts.splice(at, 1);
    return start;
  }

  /** Those that are late have failed. @returns how many */
  expire(now: number): number {
    let late = 0;
    while (
      this.#starts[late] !== undefined &&
      now - (this.#starts[late] as number) >= this.#timeout
    ) {
      late++;
    }
    this.#serials.splice(0, late);
    this.#starts.splice(0, late);
    this.failed += late;
    return late;
  }

  get verdict(): ProbeVerdict {
    if (this.succeeded >= this.#successThreshold) return 'succeeded';
    return this.failed > this.#limit - this.#successThreshold ? 'failed' : 'undecided';
  }

  clear(): void {
    this.#serials.length = 0;
    this.#starts.length = 0;
    this.#issued = 0;
    this.succeeded = 0;
    this.failed = 0;
  }
}
