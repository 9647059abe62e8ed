import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that a webhook is signed by. */
export const SIGNATURE_HEADER = 'x-perf-signature';

const HEADER = /^t=(\d{1,16}),v1=([0-9a-f]{64})$/;

/**
 * The value of {@link SIGNATURE_HEADER}: HMAC-SHA-256 over the time and the body, so that neither a body nor its time can be made up, and an
 * old one can be told.
 * @param time in milliseconds since 1970
 */
export function signWebhook(secret: string, body: string, time: number): string {
  return `t=${time},v1=${hmac(secret, body, time).toString('hex')}`;
}

/**
 * Whether a body comes from who has the secret, and not from long ago: for who receives webhooks. Takes the same time wherever they
 * differ.
 * @param header of {@link SIGNATURE_HEADER}
 * @param body as it was received, before it is parsed
 * @param now in milliseconds since 1970
 * @param tolerance by how many milliseconds the times may differ
 */
export function verifyWebhook(
  secret: string,
  header: string | undefined,
  body: string,
  now: number,
  tolerance = 300_000,
): boolean {
  const [, time = '', signature = ''] = HEADER.exec(header ?? '') ?? [];
  if (signature === '' || Math.abs(now - Number(time)) > tolerance) return false;
  return timingSafeEqual(Buffer.from(signature, 'hex'), hmac(secret, body, Number(time)));
}

function hmac(secret: string, body: string, time: number): Buffer {
  return createHmac('sha256', secret).update(`${time}.${body}`).digest();
}
