/** Workloads; each has its own subjects. */
export const SYNC = 'borrow and release';
export const FREE = 'awaited, nobody waits';
export const QUEUED = 'awaited, 64 callers on 10';

export const OURS = 'ours';
/** Without idle timeout and lifetime: nothing reads a clock. */
export const OURS_UNTIMED = 'ours, without times';
/** With leak detection, without stacks. */
export const OURS_WATCHED = 'ours, with leak detection';
export const ARRAY = 'array push/pop';
export const GENERIC_POOL = 'generic-pool';
export const TARN = 'tarn';
export const LIGHTNING_POOL = 'lightning-pool';

/** A second copy of what the others are compared with. */
export const ARRAY_CONTROL = 'array push/pop (control)';
export const TARN_CONTROL = 'tarn (control)';
