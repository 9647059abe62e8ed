import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TraceFormatError } from './errors.ts';
import type { Trace } from './trace.ts';

const KEY_BYTES = 4;
/** 250 million accesses. */
const MAX_BYTES = 1_000_000_000;
const unzip = promisify(gunzip);

/**
 * Reads a trace: unsigned 32-bit little-endian keys and nothing else, as they are or in gzip (told
 * by the content, not by the name).
 * @throws {@link TraceFormatError} if it is empty, cut off, damaged, or longer than 250 million accesses
 * @throws what `node:fs` throws if it cannot be read
 */
export async function readTrace(file: string): Promise<Trace> {
  if ((await stat(file)).size > MAX_BYTES) throw new TraceFormatError(file, 'it is too long');
  const bytes = await unpacked(file, await readFile(file));
  if (bytes.length === 0) throw new TraceFormatError(file, 'it is empty');
  if (bytes.length % KEY_BYTES !== 0) {
    throw new TraceFormatError(
      file,
      `its ${bytes.length} bytes are no whole number of 32-bit keys`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return new Uint32Array(bytes.length / KEY_BYTES).map((_, index) =>
    view.getUint32(index * KEY_BYTES, true),
  );
}

async function unpacked(file: string, bytes: Buffer): Promise<Buffer> {
  // With its only method, deflate: the first two bytes alone may be those of a key.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw new TraceFormatError(file, 'its gzip content cannot be unpacked', { cause: error });
  }
}
