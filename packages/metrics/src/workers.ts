export {
  collectWorkers,
  type CollectWorkersOptions,
  type WorkerMetrics,
} from './workers/collect-workers.ts';
export type { MemberCounts } from './workers/members.ts';
export { shareMetrics, type ShareMetricsOptions } from './workers/share-metrics.ts';
