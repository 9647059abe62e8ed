export { collectChannels } from './collectors/collect-channels.ts';
export { collectHttpServer, type HttpServerOptions } from './collectors/collect-http-server.ts';
export { collectMemory } from './collectors/collect-memory.ts';
export { collectStats, type StatsSource, type StatsSources } from './collectors/collect-stats.ts';
export type { Distribution, DistributionSummary } from './exponential/distribution.ts';
export { LabelError, MetricConflictError } from './errors.ts';
export { exposeSnapshot } from './exposition/expose-snapshot.ts';
export type { Exposition } from './exposition/exposition.ts';
export { createHistory, type History, type HistorySeries } from './history/create-history.ts';
export type { HistoryOptions } from './history/options.ts';
export type { Counter, CounterFamily } from './instruments/counter.ts';
export type { Exemplar } from './instruments/exemplar.ts';
export type { Gauge, GaugeFamily } from './instruments/gauge.ts';
export type { Histogram, HistogramFamily } from './instruments/histogram.ts';
export type { Aggregate, MetricDefinition, MetricKind } from './instruments/metric-definition.ts';
export type {
  GaugeOptions,
  HistogramOptions,
  MetricOptions,
} from './instruments/metric-options.ts';
export type { Outcome, Span, Timer, TimerFamily, TimerSummary } from './instruments/timer.ts';
export type {
  CollectedMetric,
  CollectedSummary,
  Collector,
  CollectorSink,
} from './registry/collector.ts';
export { createRegistry } from './registry/create-registry.ts';
export type { RegistryOptions } from './registry/options.ts';
export type { Registry } from './registry/registry.ts';
export type {
  CollectorErrorEvent,
  InvalidEvent,
  OverflowEvent,
  RegistryEvents,
  RegistryStats,
} from './registry/telemetry.ts';
export { OVERFLOW_VALUE } from './series/labels.ts';
export type { Labels, LabelValue } from './series/labels.ts';
export type {
  HistogramSnapshot,
  MetricSnapshot,
  RegistrySnapshot,
  ScalarSnapshot,
  SummarySnapshot,
} from './snapshot/snapshot.ts';
export { mergeSnapshots, transferables } from './snapshot/merge-snapshots.ts';
export { logSummary, type LogSummaryOptions } from './report/log-summary.ts';
export type { ProcessSummary } from './report/process-summary.ts';
export { isHealthy, report, type HealthStatus, type PerformanceReport } from './report/report.ts';
export type { ReportOptions, ReportSources } from './report/report-sources.ts';
export { reportText, summaryLine } from './report/report-text.ts';
