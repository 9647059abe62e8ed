import { expect, test } from 'vitest';
import { sqlOperation } from '../../src/postgres/sql-operation.ts';

test('a statement is named by its first word, of which there are few', () => {
  const texts = [
    'SELECT 1',
    '\n  Insert into t',
    'with x as (select 1)',
    'begin',
    '',
    'dance',
    '(',
  ];
  expect(texts.map((text) => sqlOperation(text))).toEqual([
    'select',
    'insert',
    'with',
    'begin',
    'other',
    'other',
    'other',
  ]);
});
