import { constants } from 'node:os';
import { PerfError } from '@perf/core';

/** Somebody wants the demo to end. */
export class StopRequest extends PerfError {
  /** By shell convention 128 and the signal's number. */
  readonly exitCode: number;

  constructor(reason: string, exitCode: number) {
    super('PERF_DEMO_STOP', reason);
    this.exitCode = exitCode;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How often the parent is looked for, in milliseconds. */
const PARENT_POLL = 250;

/**
 * A signal that aborts with a {@link StopRequest} at Ctrl-C, termination, hang-up, or the end of the
 * process that started us: a package manager that is ended alone does not always tell its children.
 * The second signal ends the process at once; watchdogs then clean up.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      const exitCode = 128 + constants.signals[name];
      if (controller.signal.aborted) process.exit(exitCode);
      controller.abort(new StopRequest(`stopped by ${name}`, exitCode));
    });
  }
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    controller.abort(new StopRequest('the parent process has ended', 1));
  }, PARENT_POLL);
  poll.unref();
  return controller.signal;
}
