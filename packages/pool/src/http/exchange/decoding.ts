import { constants } from 'node:buffer';
import { pipeline, type Duplex, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/** How a kind of encoding is undone. */
interface Coding {
  readonly whole: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;
  readonly pieces: () => Duplex;
}

/** What `accept-encoding` asks for. */
export const ACCEPTED = 'gzip, br';
/** More encodings than these nobody puts upon each other in earnest, and each multiplies what a small body may become. */
const MOST = 3;

const GZIP: Coding = { whole: promisify(zlib.gunzip), pieces: () => zlib.createGunzip() };
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['deflate', { whole: promisify(zlib.inflate), pieces: () => zlib.createInflate() }],
  ['br', { whole: promisify(zlib.brotliDecompress), pieces: () => zlib.createBrotliDecompress() }],
]);

/** More comes out than may. */
export class DecodedTooLarge extends Error {}

/** @returns the codings in the order in which they are to be undone; `undefined` when there is one that we cannot undo */
export function codingsOf(
  header: string | readonly string[] | undefined,
): readonly Coding[] | undefined {
  const names = String(header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const codings = names.flatMap((name) => CODINGS.get(name) ?? []);
  return codings.length === names.length && names.length <= MOST ? codings.toReversed() : undefined;
}

/** All of a body. Rejects with {@link DecodedTooLarge}, or with what zlib says. */
export async function decode(
  bytes: Buffer,
  codings: readonly Coding[],
  maxSize: number,
): Promise<Buffer> {
  const maxOutputLength = Math.min(maxSize, constants.MAX_LENGTH);
  let decoded = bytes;
  for (const { whole } of codings) {
    if (decoded.length === 0) break;
    try {
      decoded = await whole(decoded, { maxOutputLength });
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      throw isTooLarge ? new DecodedTooLarge() : error;
    }
  }
  return decoded;
}

/**
 * A body piece by piece. Throws {@link DecodedTooLarge}, what zlib says, or what the body fails of; whoever stops early ends the body.
 * @yields what comes out
 */
export async function* decodeStream(
  body: Readable,
  codings: readonly Coding[],
  maxSize: number,
): AsyncGenerator<Buffer, void, undefined> {
  let last: Readable = body;
  for (const { pieces } of codings) {
    // Its trouble comes out at the end, where it is read.
    last = pipeline(last, pieces(), () => undefined);
  }
  let size = 0;
  for await (const chunk of last as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxSize) throw new DecodedTooLarge();
    yield chunk;
  }
}
