import { parseArgs } from 'node:util';
import { ConfigError } from '@perf/core';
import { soak } from './soak.ts';

const { values } = parseArgs({
  // Package managers pass the separator on.
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { minutes: { type: 'string', default: '10' } },
});
const minutes = Number(values.minutes);
if (!(minutes >= 0.5 && minutes <= 10_080)) {
  throw new ConfigError('--minutes', values.minutes, 'a number from 0.5 to 10080');
}
process.exitCode = (await soak(minutes)) ? 0 : 1;
