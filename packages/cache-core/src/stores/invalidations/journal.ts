import type { Clock } from '@perf/core';
import type { Invalidation } from './pending-invalidations.ts';

/** How long an acknowledged write may still get lost with the server that acknowledged it, in milliseconds. */
const SPAN = 60_000;
/** How many keys and members are remembered; beyond that everything counts as written. */
const CAPACITY = 10_000;

interface Entry {
  readonly at: number;
  readonly invalidation: Invalidation;
  readonly size: number;
}

/** What a store has acknowledged in the last minute: a server that takes over may never have heard of it. */
export class Journal {
  readonly #clock: Clock;
  #entries: Entry[] = [];
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(invalidation: Invalidation): void {
    const at = this.#clock.now();
    this.#forget(at - SPAN);
    const entry = { at, invalidation, size: sizeOf(invalidation) };
    this.#entries.push(entry);
    this.#size += entry.size;
    if (this.#size <= CAPACITY) return;
    this.#entries = [{ at, invalidation: { kind: 'clear' }, size: 1 }];
    this.#size = 1;
  }

  /** What is in it, oldest first. It stays there: a server may be replaced again. */
  recent(): readonly Invalidation[] {
    this.#forget(this.#clock.now() - SPAN);
    return this.#entries.map(({ invalidation }) => invalidation);
  }

  #forget(before: number): void {
    const first = this.#entries.findIndex(({ at }) => at >= before);
    const old = this.#entries.splice(0, first === -1 ? this.#entries.length : first);
    for (const { size } of old) this.#size -= size;
  }
}

function sizeOf(invalidation: Invalidation): number {
  if (invalidation.kind === 'keys') return invalidation.keys.length;
  return invalidation.kind === 'members' ? invalidation.members.length : 1;
}
