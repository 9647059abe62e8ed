export { ManualClock, settle } from './manual-clock.ts';
export { seededRandom } from './seeded-random.ts';
export { registerChecks, type TestRunner } from './register-checks.ts';
