export type {
  BreakerView,
  CacheView,
  Components,
  DiagnosisContext,
  PoolView,
  TimingsView,
} from './diagnose/context.ts';
export { diagnose, type Diagnosis } from './diagnose/diagnose.ts';
export type {
  Cause,
  Evidence,
  Finding,
  Recommendation,
  Severity,
  Unit,
} from './diagnose/finding.ts';
export type { DiagnosisOptions } from './diagnose/options.ts';
export type { DiagnosisThresholds, Levels } from './diagnose/thresholds.ts';
export { changePoints, type ChangePoint, type ChangePointOptions } from './trends/change-points.ts';
export { forecast, type Forecast } from './trends/forecast.ts';
export { leakSuspicion, type LeakOptions, type LeakSuspicion } from './trends/leak-suspicion.ts';
export type { Series } from './trends/series.ts';
export { trend, type Trend, type TrendOptions } from './trends/trend.ts';
