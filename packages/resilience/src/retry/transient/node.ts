import { someInChain } from './error-chain.ts';

/** A name that does not exist (`ENOTFOUND`) is not among them: it seldom comes to exist. */
const CODES: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'EAI_AGAIN',
]);

/** Whether it is, or was caused by, trouble of a socket or of name resolution that may pass. */
export function isTransientNodeError(error: unknown): boolean {
  return someInChain(error, ({ code }) => CODES.has(code));
}
