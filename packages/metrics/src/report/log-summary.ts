import {
  checkFunction,
  checkKnown,
  Lifecycle,
  systemClock,
  toMilliseconds,
  type Clock,
  type Closeable,
  type Duration,
  type Timer,
} from '@perf/core';
import { report, type PerformanceReport } from './report.ts';
import type { ReportOptions, ReportSources } from './report-sources.ts';
import { summaryLine } from './report-text.ts';

/** Options of {@link logSummary}. */
export interface LogSummaryOptions extends ReportOptions {
  /** How often it is logged after the first time. @default Infinity: once */
  readonly every?: Duration | undefined;
  /** Takes the line, and the report for logs of structured data. @default `console.log` of the line */
  readonly log?: ((line: string, report: PerformanceReport) => void) | undefined;
  /** Is told when a report could not be made. @default a warning of the process */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** The source of time. @default systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * Logs a line about how the service does: now, and then `every` so often until it is closed. Keeps no process alive.
 * @param read gives what there is then
 * @throws `ConfigError` naming the option that is refused; the first time, what `read` and `log` throw
 * @example
 * const summaries = logSummary(() => ({ profile: profiler.profile() }), { every: '1m' });
 */
export function logSummary(read: () => ReportSources, options: LogSummaryOptions = {}): Closeable {
  const known = ['every', 'log', 'onError', 'clock', 'diagnosis', 'maxOperations'];
  checkKnown('logSummary', options, known);
  const { every = Infinity, log = logLine, onError = warn, clock = systemClock, ...rest } = options;
  checkFunction('logSummary.read', read);
  checkFunction('logSummary.log', log);
  checkFunction('logSummary.onError', onError);
  const interval = toMilliseconds('logSummary.every', every, { infinite: true });
  let timer: Timer | undefined;
  const lifecycle = new Lifecycle('the log of summaries', () => {
    timer?.cancel();
  });
  const write = (): void => {
    const current = report(read(), rest);
    log(summaryLine(current), current);
  };
  const schedule = (): void => {
    if (interval === Infinity || !lifecycle.isOpen) return;
    timer = clock.setTimer(() => {
      try {
        write();
      } catch (error) {
        onError(error);
      }
      schedule();
    }, interval);
  };
  write();
  schedule();
  const close = (): Promise<void> => lifecycle.close();
  return { close, [Symbol.asyncDispose]: close };
}

function logLine(line: string): void {
  console.log(line);
}

function warn(error: unknown): void {
  process.emitWarning(`no summary could be logged: ${String(error)}`, {
    type: 'PerfSummaryWarning',
  });
}
