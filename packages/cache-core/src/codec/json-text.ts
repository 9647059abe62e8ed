import { isUtf8 } from 'node:buffer';

/**
 * What the bytes say as JSON.
 * @throws TypeError or SyntaxError when they are not UTF-8 or not JSON
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new TypeError('the bytes are not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return JSON.parse(text) as unknown;
}
