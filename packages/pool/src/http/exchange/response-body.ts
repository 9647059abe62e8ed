import { Readable } from 'node:stream';
import type { DispatchController } from '../driver.ts';

/** Who sends a body, and is told what is made of it. */
export interface BodySource {
  /** It is not wanted any more: whatever comes is thrown away, or the connection with it. */
  abandon(): void;
  /** Somebody reads. */
  onRead(): void;
  /** How a second use is refused. */
  usedTwice(): Error;
}

/** So much of a body is taken in before anybody reads it: a body that is smaller holds no connection. */
const AHEAD = 64 * 1024;
/** So much of one that nobody wants is read to its end, to keep the connection. */
const WORTH_READING = 128 * 1024;

/** The body of a response on its way: pieces come, somebody collects or streams them, or nobody does. */
export class ResponseBody {
  received = 0;
  readonly #source: BodySource;
  readonly #controller: DispatchController;
  #chunks: Buffer[] = [];
  #use: 'none' | 'collected' | 'streamed' | 'discarded' = 'none';
  #isPaused = false;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #collector:
    | { readonly resolve: (bytes: Buffer) => void; readonly reject: (error: unknown) => void }
    | undefined;
  #stream: Readable | undefined;

  constructor(source: BodySource, controller: DispatchController) {
    this.#source = source;
    this.#controller = controller;
  }

  get isUsed(): boolean {
    return this.#use !== 'none';
  }

  push(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.#stream !== undefined) {
      if (!this.#stream.push(chunk)) this.#pause();
    } else if (this.#use === 'discarded') {
      if (this.received > WORTH_READING) this.#source.abandon();
    } else {
      this.#chunks.push(chunk);
      if (this.#use === 'none' && this.received >= AHEAD) this.#pause();
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#stream?.push(null);
    this.#collector?.resolve(this.#taken());
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#chunks = [];
    this.#collector?.reject(error);
    this.#stream?.destroy(error as Error);
  }

  /** All of it. Rejects with what it failed of. @throws when it was used before */
  collect(): Promise<Buffer> {
    this.#begin('collected');
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#isEnded) return Promise.resolve(this.#taken());
    return new Promise((resolve, reject) => {
      this.#collector = { resolve, reject };
      this.#resume();
    });
  }

  /** It piece by piece, as fast as they are read. Ends with what it failed of. @throws when it was used before */
  stream(): Readable {
    this.#begin('streamed');
    const stream = new Readable({
      read: () => {
        this.#source.onRead();
        this.#resume();
      },
      destroy: (error, callback) => {
        if (!this.#isEnded && this.#failure === undefined) this.#source.abandon();
        callback(error);
      },
    });
    this.#stream = stream;
    for (const chunk of this.#chunks) stream.push(chunk);
    this.#chunks = [];
    if (this.#failure !== undefined) stream.destroy(this.#failure.error as Error);
    else if (this.#isEnded) stream.push(null);
    return stream;
  }

  /** Nobody wants what is left of it. @param rest how much that is, as far as is known */
  discard(rest: number): void {
    if (this.#use !== 'none') return;
    this.#use = 'discarded';
    this.#chunks = [];
    if (this.#isEnded || this.#failure !== undefined) return;
    if (rest > WORTH_READING) this.#source.abandon();
    else this.#resume();
  }

  #begin(use: 'collected' | 'streamed'): void {
    if (this.#use !== 'none') throw this.#source.usedTwice();
    this.#use = use;
    this.#source.onRead();
  }

  #taken(): Buffer {
    const chunks = this.#chunks;
    this.#chunks = [];
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#controller.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#controller.resume();
  }
}
