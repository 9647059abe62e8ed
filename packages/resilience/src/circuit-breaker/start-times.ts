/** When the calls under way began, each at a slot that is used again. */
export class StartTimes {
  readonly #starts: number[] = [];
  readonly #free: number[] = [];

  /** @returns the slot */
  add(start: number): number {
    const slot = this.#free.pop() ?? this.#starts.length;
    this.#starts[slot] = start;
    return slot;
  }

  /** Frees the slot. @returns when the call began; `undefined` when the slot is free */
  take(slot: number): number | undefined {
    const start = this.#starts[slot];
    if (start === undefined || Number.isNaN(start)) return undefined;
    this.#starts[slot] = Number.NaN;
    this.#free.push(slot);
    return start;
  }
}
