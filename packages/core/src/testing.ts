export { ManualClock, settle } from './manual-clock.ts';
export { seededRandom } from './seeded-random.ts';
