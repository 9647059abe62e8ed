export { collectRuntime } from './runtime/collect-runtime.ts';
export type { RuntimeOptions } from './runtime/options.ts';
export type { Signal, SignalSwitches } from './signals/signal.ts';
