import { randomFillSync } from 'node:crypto';

/** Bytes of a nonce. */
export const NONCE_BYTES = 8;

const NONCES_PER_DRAW = 512;

/** A source of nonces: 8 bytes from the system's generator, as 16 lower-case hex digits. */
export function createNonceSource(): () => string {
  // Drawn in bulk: one draw costs as much as hundreds of nonces.
  const pool = Buffer.alloc(NONCES_PER_DRAW * NONCE_BYTES);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const start = used;
    used += NONCE_BYTES;
    return pool.toString('hex', start, used);
  };
}

const FORM = /^[\da-f]{16}$/;

/** Whether the text has the form of a nonce. */
export function isNonce(text: string): boolean {
  return FORM.test(text);
}
