/** The policies of `createMemoryCache` that are measured. */
export const OUR_POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'sieve', 's3fifo'] as const;
export type OurPolicy = (typeof OUR_POLICIES)[number];
