/** Counters of one store. */
export interface StoreCounters {
  reads: number;
  hits: number;
  errors: number;
  damaged: number;
}

export function createStoreCounters(): StoreCounters {
  return { reads: 0, hits: 0, errors: 0, damaged: 0 };
}
