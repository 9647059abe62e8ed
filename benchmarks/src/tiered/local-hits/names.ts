/** The names under which ours run. */
export const OURS = { memory: '@perf, memory', shared: '@perf, memory + Redis + bus' } as const;
export const BARE = 'bare async Map.get';
/** The same again: what differs is noise. */
export const CONTROL = 'bare async Map.get, second copy';
