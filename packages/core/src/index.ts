export { afterArrivals } from './arrivals.ts';
export { abortable, deadlineSignal, sleep, type OwnedSignal } from './abort.ts';
export { toBytes, type ByteSize, type ByteSizeLimits } from './bytes.ts';
export { defineChannel, type Channel } from './channel.ts';
export { ChannelEmitter, type ChannelMessage } from './channel-emitter.ts';
export { systemClock, type Clock, type Timer, type TimerOptions } from './clock.ts';
export { createDeferred, type Deferred } from './deferred.ts';
export { DueEntry, DueList } from './due-list.ts';
export { toMilliseconds, type Duration, type DurationLimits } from './duration.ts';
export { Emitter, type Listenable, type Unsubscribe } from './emitter.ts';
export {
  ClosedError,
  ConfigError,
  MissingDriverError,
  PerfError,
  TimeoutError,
  type PerfErrorCode,
  type PerfErrorOptions,
} from './errors.ts';
export { Lifecycle, type Closeable } from './lifecycle.ts';
export {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkNumber,
  checkOneOf,
  checkString,
  type IntegerLimits,
} from './options.ts';
export { PriorityLine, type LineEntry } from './priority-line.ts';
export { seededRandom } from './seeded-random.ts';
export type { Policy, PolicyCall, PolicyContext } from './policy.ts';
