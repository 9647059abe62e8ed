export { ManualClock, settle } from '@perf/core/testing';
