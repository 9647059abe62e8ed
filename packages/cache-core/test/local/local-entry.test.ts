import { expect, it } from 'vitest';
import { localEntry, type LocalEntry } from '../../src/local/local-entry.ts';

const entry: LocalEntry<string> = {
  verified: 1,
  touchAt: 2,
  refreshAt: 3,
  staleUntil: 4,
  freshUntil: 5,
  storedAt: 6,
  born: 7,
  nonce: 'n',
  negative: true,
  tags: ['t'],
  asOf: 8,
  ledgerId: 'l',
  judged: 9,
  epoch: 10,
  attention: 11,
  value: 'v',
};

it('an entry has all its fields, in one order whatever the order it was made from', () => {
  expect(localEntry(entry)).toEqual(entry);
  const turned = Object.fromEntries(Object.entries(entry).toReversed()) as typeof entry;
  expect(Object.keys(localEntry(turned))).toEqual(Object.keys(localEntry(entry)));
});
