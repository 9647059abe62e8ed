import type { Span, Recovery } from '../history.ts';
import type { Seen } from '../messages.ts';

/** How long what is queued is waited for, in milliseconds. */
const LONGEST_WAIT = 30_000;

/** The same clock in all processes of a host, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** What a member saw and has not told yet. */
export class Notes {
  operations = 0;
  longest = 0;
  readonly failures: string[] = [];
  readonly #pending: () => number;
  #reads: number[] = [];
  #invalidations: Seen['invalidations'][number][] = [];
  #counted: (readonly [number, number])[] = [];
  #isolations: Span[] = [];
  #recoveries: Recovery[] = [];
  /** Queued invalidations whose replay has not been seen. */
  #queued: number[] = [];
  #isolatedSince: number | undefined;
  #replacedAt: number | undefined;
  #lastId = 0;
  #since = now();

  /** @param pending how many invalidations the store has not confirmed */
  constructor(pending: () => number) {
    this.#pending = pending;
  }

  /** Whether something that was queued has not been replayed. */
  get unsettled(): boolean {
    return this.#queued.length > 0 || this.#replacedAt !== undefined || this.#pending() > 0;
  }

  /** Resolves when everything that was queued has been replayed, or has been waited for long enough. */
  async settled(): Promise<void> {
    const end = now() + LONGEST_WAIT;
    while (this.unsettled && now() < end) {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  read(key: number, began: number, version: number): void {
    this.#reads.push(key, began, now(), version);
  }

  /** @param told whether the store has it and the others were told */
  invalidated(
    keys: readonly number[],
    versions: readonly number[],
    soft: boolean,
    told: boolean,
  ): void {
    const ids = this.#add(keys, versions, soft, told ? now() : Infinity);
    if (!told) this.#queued.push(...ids);
  }

  isolated(isolated: boolean): void {
    if (isolated) this.#isolatedSince ??= now();
    else if (this.#isolatedSince !== undefined) {
      this.#isolations.push({ from: this.#isolatedSince, to: now() });
      this.#isolatedSince = undefined;
    }
  }

  /** Another server answers. */
  replaced(): void {
    this.#replacedAt = now();
  }

  /** Nothing is pending any more: what was queued counts from now on. */
  settle(): void {
    if (this.#pending() > 0) return;
    const settled = now();
    for (const id of this.#queued.splice(0)) this.#counted.push([id, settled]);
    if (this.#replacedAt === undefined) return;
    this.#recoveries.push({ replaced: this.#replacedAt, settled });
    this.#replacedAt = undefined;
  }

  #add(
    keys: readonly number[],
    versions: readonly number[],
    soft: boolean,
    counted: number,
  ): readonly number[] {
    const returned = now();
    return keys.map((key, index) => {
      const id = ++this.#lastId;
      const version = versions[index] ?? 0;
      this.#invalidations.push({ id, key, version, soft, returned, counted });
      return id;
    });
  }

  take(mostLag: number): Seen {
    const to = now();
    if (this.#isolatedSince !== undefined) {
      this.#isolations.push({ from: this.#isolatedSince, to });
    }
    const seen: Seen = {
      reads: Float64Array.from(this.#reads),
      invalidations: this.#invalidations,
      counted: this.#counted,
      isolations: this.#isolations,
      recoveries: this.#recoveries,
      lag: { from: this.#since, to, most: mostLag },
    };
    this.#since = to;
    this.#reads = [];
    this.#invalidations = [];
    this.#counted = [];
    this.#isolations = [];
    this.#recoveries = [];
    return seen;
  }
}
