import { expect, it } from 'vitest';
import { signWebhook, verifyWebhook } from '../../../src/alerts/sinks/webhook-signature.ts';

const SECRET = 'a secret of some length';
const NOW = 1_700_000_000_000;

it('what was signed is verified, and nothing else is', () => {
  const header = signWebhook(SECRET, '{"a":1}', NOW);
  const verify = (secret: string, given: string | undefined, body: string, now = NOW): boolean =>
    verifyWebhook(secret, given, body, now);
  expect(verify(SECRET, header, '{"a":1}')).toBe(true);
  expect(verify(SECRET, header, '{"a":1}', NOW + 299_000)).toBe(true);
  expect([
    verify('another secret of some length', header, '{"a":1}'),
    verify(SECRET, header, '{"a":2}'),
    verify(SECRET, header.replace(`t=${NOW}`, `t=${NOW + 1}`), '{"a":1}'),
    verify(SECRET, header, '{"a":1}', NOW + 301_000),
    verify(SECRET, header, '{"a":1}', NOW - 301_000),
    verify(SECRET, undefined, '{"a":1}'),
    verify(SECRET, 't=1,v1=abc', '{"a":1}'),
    verify(SECRET, `${header}0`, '{"a":1}'),
  ]).toEqual(Array.from({ length: 8 }, () => false));
});
