import type { Socket } from 'node:net';
import { systemClock, type Timer } from '@perf/core';

/** What happens to what arrives. */
export type FlowMode = 'pass' | 'hold' | 'drop';

/** Bytes on their way; `end` is a half-closed sender, `close` one that is gone. */
interface Item {
  readonly content: Buffer | 'end' | 'close';
  /** When it may be delivered. */
  readonly due: number;
}

/** One direction of a connection: what the source sends is delivered to the sink, in order, sooner or later. */
export class Flow {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #maxBuffered: number;
  readonly #onSettled: () => void;
  readonly #queue: Item[] = [];
  #mode: FlowMode;
  #delay: number;
  #buffered = 0;
  #lost = false;
  #full = false;
  #timer: Timer | undefined;

  /** @param onSettled called when the sink may have got the last there is */
  constructor(
    source: Socket,
    sink: Socket,
    options: {
      readonly mode: FlowMode;
      readonly delay: number;
      readonly maxBuffered: number;
      readonly onData: (bytes: Buffer) => void;
      readonly onSettled: () => void;
    },
  ) {
    this.#source = source;
    this.#sink = sink;
    this.#mode = options.mode;
    this.#delay = options.delay;
    this.#maxBuffered = options.maxBuffered;
    this.#onSettled = options.onSettled;
    source.on('data', (bytes: Buffer) => {
      options.onData(bytes);
      this.#accept(bytes);
    });
    source.once('end', () => {
      this.#accept('end');
    });
    source.once('close', () => {
      this.#accept('close');
    });
    sink.on('drain', () => {
      this.#deliver();
    });
    sink.once('close', () => {
      this.#deliver();
    });
  }

  /** How many bytes were taken and not yet delivered. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether something was dropped, so that what follows would make no sense to the sink. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether there is nothing to deliver. */
  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** For what arrives from now on. */
  set delay(ms: number) {
    this.#delay = ms;
  }

  set mode(mode: FlowMode) {
    this.#mode = mode;
    if (mode === 'drop' && this.#queue.length > 0) {
      this.discard();
      this.#lost = true;
    }
    this.#deliver();
  }

  /** Delivers what was only delayed. */
  hasten(): void {
    for (const [index, { content }] of this.#queue.entries())
      this.#queue[index] = { content, due: 0 };
    this.#deliver();
  }

  /** Forgets what was not delivered. */
  discard(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue.length = 0;
    this.#buffered = 0;
    this.#readAsRoomAllows();
  }

  #accept(content: Item['content']): void {
    if (this.#mode === 'drop') {
      this.#lost = true;
      return;
    }
    // A shorter delay does not let it overtake: the first in the queue is waited for.
    this.#queue.push({ content, due: systemClock.now() + this.#delay });
    if (typeof content !== 'string') this.#buffered += content.length;
    this.#deliver();
  }

  #deliver(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    // What is held for a sink that is gone has nowhere to go.
    if (this.#sink.destroyed) this.#queue.length = this.#buffered = 0;
    while (this.#mode === 'pass') {
      const next = this.#queue[0];
      if (next === undefined || !this.#isDue(next) || this.#sink.writableNeedDrain) break;
      this.#queue.shift();
      this.#hand(next.content);
    }
    this.#readAsRoomAllows();
    if (this.idle) this.#onSettled();
  }

  #isDue({ due }: Item): boolean {
    const wait = due - systemClock.now();
    if (wait <= 0) return true;
    this.#timer = systemClock.setTimer(() => {
      this.#deliver();
    }, wait);
    return false;
  }

  #hand(content: Item['content']): void {
    if (content === 'end') this.#sink.end();
    else if (content === 'close') this.#sink.destroySoon();
    else {
      this.#buffered -= content.length;
      this.#sink.write(content);
    }
  }

  #readAsRoomAllows(): void {
    const full = this.#buffered >= this.#maxBuffered;
    if (full === this.#full) return;
    this.#full = full;
    if (full) this.#source.pause();
    else this.#source.resume();
  }
}
