/** What is called, without any policy around it. */
export const BARE = 'bare call';
export const CONTROL = 'bare call (control)';

/** Workloads; each has its own subjects. */
export const BREAKER = 'breaker';
export const FAILING = 'failing call';
export const REFUSED = 'refused call';
export const RETRY = 'retry';
export const TIMEOUT = 'timeout';
export const FREE = 'bulkhead, free';
export const QUEUED = 'bulkhead, 500 waiting';
export const PIPELINE = 'pipeline';

export const OURS = 'ours';
export const INLINE = 'ours, inline';
export const WITH_TIMEOUT = 'ours, with a timeout';
export const COCKATIEL = 'cockatiel';
export const COCKATIEL_WITH_TIMEOUT = 'cockatiel, with a timeout';
export const OPOSSUM = 'opossum';
export const P_RETRY = 'p-retry';
export const P_LIMIT = 'p-limit';
export const P_QUEUE = 'p-queue';
