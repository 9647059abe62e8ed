/** Who loads. */
export const OURS = { distinct: '@perf, dedupe', plain: '@perf, no dedupe' };
export const DATALOADER = { cached: 'dataloader', plain: 'dataloader, no cache' };
/** The same as the plain dataloader, once more. */
export const CONTROL = 'dataloader, no cache, again';
export const BARE = 'the loader without batches';

/** The one workload. */
export const LOADS = '100 loads of new keys';
