import { constants } from 'node:os';
import { PerfError } from '@perf/core';
import { isBroken, packageManagerChain } from './package-manager.ts';

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
/** How often it is seen whether the package manager is still there, in milliseconds. */
const POLL = 250;

/**
 * A signal that aborts with a {@link StopRequest} at Ctrl-C, termination, hang-up, or the end of our
 * parent or of a package manager above it: one that is ended alone does not tell its children.
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
  const chain = packageManagerChain();
  const poll = setInterval(() => {
    if (process.ppid === parent && !isBroken(chain)) return;
    clearInterval(poll);
    controller.abort(new StopRequest('stopped with the process that started it', 1));
  }, POLL);
  poll.unref();
  return controller.signal;
}
