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

/** A profile is being taken, and there is one at a time. */
export class CaptureInProgressError extends PerfError {
  static override readonly code = 'PERF_CAPTURE_IN_PROGRESS';

  constructor(options?: PerfErrorOptions) {
    super(
      CaptureInProgressError.code,
      'a profile is being taken already; wait until it is done',
      options,
    );
  }
}

/** A profile could not be taken or written; its `cause` says why. */
export class CaptureFailedError extends PerfError {
  static override readonly code = 'PERF_CAPTURE_FAILED';
  /** `cpu` or `heap`. */
  readonly kind: string;

  constructor(kind: string, cause: unknown, options?: PerfErrorOptions) {
    super(
      CaptureFailedError.code,
      `the ${kind} profile could not be taken: ${cause instanceof Error ? cause.message : String(cause)}`,
      { ...options, cause },
    );
    this.kind = kind;
  }
}

/** There is too little room on the disk for a snapshot of the heap: none was written. */
export class HeapSnapshotError extends PerfError {
  static override readonly code = 'PERF_HEAP_SNAPSHOT';
  readonly dir: string;
  /** Bytes that are free. */
  readonly free: number;
  /** Bytes that should be. */
  readonly wanted: number;

  constructor(dir: string, free: number, wanted: number, options?: PerfErrorOptions) {
    super(
      HeapSnapshotError.code,
      `no heap snapshot is written to ${dir}: ${free} bytes are free, and there should be ${wanted}; make room, or lower heapSnapshot.minFree`,
      options,
    );
    this.dir = dir;
    this.free = free;
    this.wanted = wanted;
  }
}

/** A notification of an alert was given up. */
export class AlertDeliveryError extends PerfError {
  static override readonly code = 'PERF_ALERT_DELIVERY';
  /** The sink's name. */
  readonly sink: string;
  /** How often it was tried. */
  readonly attempts: number;

  constructor(sink: string, attempts: number, reason: string, options?: PerfErrorOptions) {
    super(
      AlertDeliveryError.code,
      `the sink "${sink}" gave a notification up after ${attempts} attempts: ${reason}`,
      options,
    );
    this.sink = sink;
    this.attempts = attempts;
  }
}
