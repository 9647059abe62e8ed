import { PerfError, type PerfErrorOptions } from '@perf/core';

/** Two metrics would tell series of the same name, and they are not the same metric. */
export class MetricConflictError extends PerfError {
  static override readonly code = 'PERF_METRIC_CONFLICT';
  /** The name that is taken. */
  readonly metric: string;

  constructor(metric: string, reason: string, options?: PerfErrorOptions) {
    super(
      MetricConflictError.code,
      `the metric "${metric}" cannot be registered: ${reason}`,
      options,
    );
    this.metric = metric;
  }
}

/** The labels of a series are not those that its metric was created with. */
export class LabelError extends PerfError {
  static override readonly code = 'PERF_LABELS';
  readonly metric: string;
  /** The label that is missing, not known, or of a wrong type. */
  readonly label: string;

  constructor(metric: string, label: string, reason: string, options?: PerfErrorOptions) {
    super(LabelError.code, `the label "${label}" of "${metric}" ${reason}`, options);
    this.metric = metric;
    this.label = label;
  }
}
