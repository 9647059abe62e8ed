import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

/** Which part of the heap was collected, by prom-client's names. */
export type GcKind = 'minor' | 'major' | 'incremental' | 'weakcb';

/** Every {@link GcKind}. */
export const GC_KINDS: readonly GcKind[] = ['minor', 'major', 'incremental', 'weakcb'];

/** Is told of each collection, shortly after it. @param pause in milliseconds */
export type GcListener = (kind: GcKind, pause: number) => void;

const KINDS: ReadonlyMap<number, GcKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** Listens to Node's entries of garbage collection. Ends with the function that it returns. */
export function observeGc(listener: GcListener): () => void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = KINDS.get(kindOf(entry));
      if (kind !== undefined) listener(kind, entry.duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
  };
}

function kindOf(entry: PerformanceEntry): number {
  return (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind ?? -1;
}
