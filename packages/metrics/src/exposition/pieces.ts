import { setImmediate } from 'node:timers/promises';
import type { Exposition } from './exposition.ts';

/** How large a piece is, in characters or bytes: some tenths of a millisecond. */
export const PIECE_SIZE = 65_536;

/** What a writer gives: pieces of the body, empty ones only to let others have their turn. */
export type Pieces = Generator<string | Uint8Array, void, undefined>;

/** A body that is written while it is read. */
export class PiecewiseExposition implements Exposition {
  readonly contentType: string;
  readonly #pieces: Pieces;

  constructor(contentType: string, pieces: Pieces) {
    this.contentType = contentType;
    this.#pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    let isFirst = true;
    for (const piece of this.#pieces) {
      if (piece.length > 0) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
      // A reader that is quick would otherwise never let timers and sockets have their turn.
      if (!isFirst) await setImmediate();
      isFirst = false;
    }
  }

  async bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this) parts.push(part);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString();
  }
}
