import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';

/** The bodies we take are a few dozen bytes. */
const MAX_BYTES = 1024;

/**
 * A request's body.
 * @throws {@link HttpError} 415, 413 or 400 when it is not JSON, too large or malformed
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new HttpError(415, 'unsupported_media_type', 'content-type must be application/json');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not destroy the socket that the answer goes out on.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new HttpError(413, 'too_large', `the body must be at most ${MAX_BYTES} bytes`, {
        connection: 'close',
      });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'bad_body', 'the body must be JSON');
  }
}
