/** What the members of a fleet and the process that runs them tell each other. */
import type { ClientSource } from '../../src/index.ts';
import type { Lag, Recovery, Span } from './history.ts';

/** How a member is started. */
export interface MemberOptions {
  readonly name: string;
  /** Its place in the fleet; who takes it after a kill has the same. */
  readonly slot: number;
  readonly life: number;
  readonly seed: number;
  readonly prefix: string;
  /** How the store reaches Redis, and how the bus does. */
  readonly store: ClientSource;
  readonly bus: ClientSource;
  readonly keys: number;
  /** What it does by itself; without, it does what it is ordered to. */
  readonly load: Load | undefined;
  /** `isolated.serve` and `staleWhileRevalidate`. */
  readonly serve: number;
  readonly keep: number;
  readonly storeTimeout: number;
  /** A part that is made not to do its work. */
  readonly sabotage?: string | undefined;
}

/** What the workload of a member is like. */
export interface Load {
  /** How many operations run at once. */
  readonly workers: number;
  /** The longest pause between two operations of a worker, in milliseconds. */
  readonly pause: number;
  /** The part of operations that write. */
  readonly writes: number;
  /** How often each kind of write is chosen, relative to the others. */
  readonly mix: Readonly<Partial<Record<WriteKind, number>>>;
  /** The longest that most loaders take after they have read the truth, in milliseconds. */
  readonly loader: number;
}

export type WriteKind =
  | 'delete'
  | 'writeThrough'
  | 'set'
  | 'tags'
  | 'softTags'
  | 'pattern'
  | 'where'
  | 'clear';

/** A single operation. */
export interface Order {
  /**
   * `join` waits until another member is heard, and whatever was said before has been; `settle` until
   * nothing is pending.
   */
  readonly act:
    | 'join'
    | 'get'
    | 'load'
    | 'delete'
    | 'set'
    | 'writeThrough'
    | 'invalidateTag'
    | 'settle';
  readonly key: number;
  /** Whether it stops where a loader has read the truth, or a write-through has been committed. */
  readonly held?: boolean;
}

/** From a member. */
export type FromMember =
  | { readonly kind: 'ready' }
  | { readonly kind: 'read'; readonly id: number; readonly key: number }
  | { readonly kind: 'bump'; readonly id: number; readonly keys: readonly number[] }
  | { readonly kind: 'seen'; readonly seen: Seen }
  /** What was ordered has come to where it is held, or is over. */
  | { readonly kind: 'held'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly error?: string }
  | { readonly kind: 'quiet'; readonly pending: number }
  | { readonly kind: 'swept'; readonly summary: Summary };

/** To a member. */
export type ToMember =
  /** The version of a key, or those that the keys have now. */
  | { readonly kind: 'answer'; readonly id: number; readonly versions: readonly number[] }
  /** Answered with `done`, and with `held` before that if it is to be held. */
  | { readonly kind: 'order'; readonly id: number; readonly order: Order }
  | { readonly kind: 'let go'; readonly id: number }
  /** No more operations; answered with `quiet` when nothing is pending. */
  | { readonly kind: 'rest' }
  /** Read every key, close, and end. */
  | { readonly kind: 'sweep' };

/** What a member saw since it told last. */
export interface Seen {
  /** Key, beginning, end, version of each read. */
  readonly reads: Float64Array;
  readonly invalidations: readonly {
    readonly id: number;
    readonly key: number;
    readonly version: number;
    readonly soft: boolean;
    readonly returned: number;
    readonly counted: number;
  }[];
  /** Invalidations told of before, and since when they count. */
  readonly counted: readonly (readonly [id: number, counted: number])[];
  readonly isolations: readonly Span[];
  readonly recoveries: readonly Recovery[];
  readonly lag: Lag;
}

/** What is asked of a member at its end. */
export interface Summary {
  readonly operations: number;
  /** The longest that one took, in milliseconds. */
  readonly longest: number;
  /** What callers were told of by rejections, and what nobody caught. */
  readonly failures: readonly string[];
  readonly loads: number;
  readonly hitRate: number;
  readonly gaps: number;
  readonly errors: number;
}
