import { expect, test } from 'vitest';
import { parseOptions } from '../src/options.ts';

test('without arguments the demo measures, then serves on a free port', () => {
  expect(parseOptions([])).toEqual({
    once: false,
    requests: 20_000,
    concurrency: 8,
    port: 0,
    help: false,
  });
});

test('every option is read, also behind the separator that package managers pass on', () => {
  const args = ['--once', '--requests', '500', '--concurrency=4', '--port', '8080', '-h'];
  const expected = { once: true, requests: 500, concurrency: 4, port: 8080, help: true };
  expect(parseOptions(args)).toEqual(expected);
  expect(parseOptions(['--', ...args])).toEqual(expected);
});

test.each([
  [['--requests', '99'], /--requests must be a whole number from 100 to 10000000, got 99/],
  [['--requests', '1e3'], /--requests must be .*got "1e3"/],
  [['--requests=-5'], /--requests must be .*got "-5"/],
  [['--concurrency', '0'], /--concurrency must be a whole number from 1 to 256, got 0/],
  [['--port', '65536'], /--port must be a whole number from 0 to 65535/],
  [['--port', ''], /--port must be/],
  [['--requests'], /argument missing/],
  [['--onec'], /Unknown option '--onec'/],
  [['once'], /Unexpected argument 'once'/],
])('%j is refused with its name', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
