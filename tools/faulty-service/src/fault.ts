/** What is wrong with a service. */
export type Fault =
  | 'healthy'
  | 'blocked-loop'
  | 'gc-churn'
  | 'leak'
  | 'taken-threads'
  | 'slow-dependency'
  | 'exhausted-pool'
  | 'bad-cache';

/** Every {@link Fault}. */
export const FAULTS: readonly Fault[] = [
  'healthy',
  'blocked-loop',
  'gc-churn',
  'leak',
  'taken-threads',
  'slow-dependency',
  'exhausted-pool',
  'bad-cache',
];

/** Something that goes on until it is stopped. */
export interface Disturbance {
  stop(): Promise<void> | void;
}
