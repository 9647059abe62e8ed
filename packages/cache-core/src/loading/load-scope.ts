import { AsyncLocalStorage } from 'node:async_hooks';
import type { Waiters } from './waiters.ts';

/** A load under way, with the one that it was started from. */
export interface LoadScope {
  /** What bounds it together with others. */
  readonly limiter: object;
  /** Who waits for what it loads, for each key. */
  readonly waiters: readonly Waiters[];
  outer: LoadScope | undefined;
  running: boolean;
}

/** Loads that are looked at for a cycle; beyond that many, it ends by the loads' timeouts. */
const MOST_LOOKED_AT = 10_000;

// One for all limiters: Node keeps every storage that was ever used, and asks each at every promise.
const scopes = new AsyncLocalStorage<LoadScope>();

/** Calls `load` as part of the scope. */
export function runInScope<A, T>(scope: LoadScope, load: (argument: A) => T, argument: A): T {
  return scopes.run(scope, load, argument);
}

/** The innermost load under way that the caller is part of; those that ended are taken out of the chain. */
export function currentScope(): LoadScope | undefined {
  let first = scopes.getStore();
  while (first?.running === false) first = first.outer;
  for (let one = first; one?.outer !== undefined;) {
    if (one.outer.running) one = one.outer;
    else one.outer = one.outer.outer;
  }
  return first;
}

/**
 * Whether whoever is part of the load would wait for itself by waiting here: the awaited load is one of those
 * that the caller is part of, or one that waits for one of them, through however many others.
 */
export function closesCycle(scope: LoadScope | undefined, awaited: Waiters): boolean {
  if (scope === undefined) return false;
  const seen = new Set<LoadScope>();
  for (let one: LoadScope | undefined = scope; one !== undefined; one = one.outer) seen.add(one);
  // A set hands out what is added to it meanwhile.
  for (const { waiters } of seen) {
    if (waiters.includes(awaited)) return true;
    if (seen.size > MOST_LOOKED_AT) return false;
    for (const waiting of waiters) {
      for (const other of waiting.scopes()) if (other.running) seen.add(other);
    }
  }
  return false;
}
