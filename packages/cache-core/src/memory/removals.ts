import { Emitter, type Clock, type Timer, type Unsubscribe } from '@perf/core';
import type { MemoryCacheEvents, Removal, RemovalReason } from './memory-cache.ts';

/** In milliseconds; the shortest delay that Node has. */
const NEXT_TURN = 1;

/**
 * Tells listeners of removals once the operation behind them is complete. Removals that a listener
 * causes are told in a later turn, so that a listener which puts evicted entries back neither
 * recurses nor loops for ever.
 */
export class Removals<Key, Value> {
  readonly #clock: Clock;
  readonly #deserted: () => void;
  readonly #emitter: Emitter<MemoryCacheEvents<Key, Value>> = new Emitter(['remove']);
  #waiting: Removal<Key, Value>[] = [];
  #telling = false;
  #later: Timer | undefined;

  /** @param deserted called when the last listener has gone and all is told */
  constructor(clock: Clock, deserted: () => void) {
    this.#clock = clock;
    this.#deserted = deserted;
  }

  on<Event extends keyof MemoryCacheEvents<Key, Value>>(
    event: Event,
    listener: (payload: MemoryCacheEvents<Key, Value>[Event]) => void,
  ): Unsubscribe {
    const stop = this.#emitter.on(event, listener);
    return () => {
      stop();
      this.#lookAround();
    };
  }

  /** Keeps a removal for the next {@link flush}, if anyone listens. */
  add(key: Key, value: Value, reason: RemovalReason): void {
    if (this.#emitter.has('remove')) this.#waiting.push({ key, value, reason });
  }

  /** As {@link add} for a value whose key got another one. */
  replaced(key: Key, old: Value, value: Value): void {
    if (!Object.is(old, value)) this.add(key, old, 'replaced');
  }

  /** Tells what waits, unless a listener is running. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    if (this.#telling) this.#later ??= this.#clock.setTimer(this.#flushLater, NEXT_TURN);
    else this.#tell();
  }

  /** Tells what waits and drops the listeners. */
  close(): void {
    this.#later?.cancel();
    this.#later = undefined;
    this.#tell();
    this.#emitter.clear();
  }

  readonly #flushLater = (): void => {
    this.#later = undefined;
    this.#tell();
  };

  #tell(): void {
    const removals = this.#waiting;
    this.#waiting = [];
    const outer = this.#telling;
    this.#telling = true;
    for (const removal of removals) this.#emitter.emit('remove', removal);
    this.#telling = outer;
    this.#lookAround();
  }

  #lookAround(): void {
    const idle = !this.#telling && this.#waiting.length === 0;
    if (idle && !this.#emitter.has('remove')) this.#deserted();
  }
}
