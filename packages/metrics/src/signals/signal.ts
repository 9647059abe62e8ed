import { checkBoolean, checkKnown } from '@perf/core';

/**
 * What can be read of a process. `cpu`: processor time, throttling. `memory`: of the process, of V8's heap, of the control group.
 * `io`: disks, read and write calls, open files, the thread pool. `network`: bytes of the interfaces. `eventLoop`: its delay and
 * utilization, and what keeps it alive. `gc`: collections of garbage.
 */
export type Signal = 'cpu' | 'memory' | 'io' | 'network' | 'eventLoop' | 'gc';

/** Which signals are read. */
export type SignalSwitches = Readonly<Record<Signal, boolean>>;

const SIGNALS: readonly Signal[] = ['cpu', 'memory', 'io', 'network', 'eventLoop', 'gc'];

/**
 * All signals that are not switched off.
 * @param path of the option, for errors
 * @throws {@link ConfigError} naming what is refused
 */
export function signalSwitches(path: string, switches: Partial<SignalSwitches>): SignalSwitches {
  checkKnown(path, switches, SIGNALS);
  return Object.fromEntries(
    SIGNALS.map((signal) => [signal, checkBoolean(`${path}.${signal}`, switches[signal] ?? true)]),
  ) as SignalSwitches;
}
