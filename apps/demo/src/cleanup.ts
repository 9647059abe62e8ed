/** What has to be undone, in reverse order. */
export class Cleanup {
  readonly #steps: (() => Promise<void>)[] = [];

  /** Notes a step for the end, and returns the thing it is for. */
  add<T>(thing: T, undo: (thing: T) => Promise<void>): T {
    this.#steps.push(() => undo(thing));
    return thing;
  }

  /** Runs all steps, last first, also when some fail; rejects with the first failure then. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
