import { ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { checkTags } from '../../src/keys/check-tag.ts';

describe('tags', () => {
  it('are taken once each', () => {
    expect(checkTags(['a', 'b', 'a'])).toEqual(['a', 'b']);
  });

  it.each([[['']], [['\ud800']], [['x'.repeat(257)]], [[1]], ['abc'], [undefined]])(
    'are refused when one is not a well-formed string of 1 to 256 characters (%#)',
    (tags) => {
      expect(() => checkTags(tags as string[])).toThrow(ConfigError);
    },
  );

  it('are at most 128', () => {
    const tags = Array.from({ length: 129 }, (_, index) => `t${index}`);
    expect(checkTags(tags.slice(1))).toHaveLength(128);
    expect(() => checkTags(tags)).toThrow('at most 128');
  });
});
