import { checkFunction } from '@perf/core';
import type { AlertNotification } from '../alert.ts';
import type { AlertSink } from './alert-sink.ts';
import { oneLine } from './one-line.ts';

/** Takes a line of a log, and the notification for logs of structured data. */
export type LogLine = (line: string, notification: AlertNotification) => void;

/** Options of {@link logSink}. */
export interface LogSinkOptions {
  /** @default to standard error, by `console.error` */
  readonly log?: LogLine | undefined;
}

/**
 * Writes a line for each notification: `[critical] memory is firing: memory above 1500 MB (value 1623.4)`. Line breaks within are
 * escaped, so that no name can forge a line.
 * @throws ConfigError naming the option that is refused
 */
export function logSink(options: LogSinkOptions = {}): AlertSink {
  const { log = toStandardError } = options;
  checkFunction('logSink.log', log);
  return {
    name: 'log',
    send(notification) {
      log(lineOf(notification), notification);
    },
  };
}

function lineOf({ name, severity, status, summary, value, isRepeated }: AlertNotification): string {
  const what = status === 'resolved' ? 'is over' : isRepeated ? 'still fires' : 'fires';
  const figure = Number.isFinite(value) ? ` (value ${Number(value.toPrecision(4))})` : '';
  return oneLine(`[${severity}] ${name} ${what}: ${summary}${figure}`);
}

function toStandardError(line: string): void {
  console.error(line);
}
