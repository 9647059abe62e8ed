import type { StoreCall, StoreFencing } from '@perf/cache-core';
import type { SqliteStoreEvents } from '../events.ts';
import type { SqliteSettings } from '../sqlite-store-options.ts';
import type { StoreBackend } from '../store-backend.ts';
import type { FailureMessage } from './failure-message.ts';

/** What can be asked of the worker. */
export interface RemoteCalls
  extends Omit<StoreBackend, 'fencing' | 'events' | 'starting' | 'close'>, StoreFencing {}

export type Method = keyof RemoteCalls;

/** The parameters of a method without the call itself. */
export type Arguments<Name extends Method> =
  Parameters<RemoteCalls[Name]> extends readonly [...infer Rest, StoreCall] ? Rest : never;

export type Result<Name extends Method> = Awaited<ReturnType<RemoteCalls[Name]>>;

/** What the worker is started with. */
export interface WorkerSetup {
  readonly settings: SqliteSettings;
  /** One {@link SlotState} per call under way, as `Int32Array`. */
  readonly slots: SharedArrayBuffer;
}

export type Request =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly slot: number;
      readonly method: Method;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'close' };

export type Reply =
  /** The thread has started and takes calls; before all others. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: FailureMessage }
  /** The caller had given up before the call was begun. */
  | { readonly kind: 'cancelled'; readonly id: number }
  | EventMessage;

/** An event of the store; an error in it travels apart, since cloning strips errors of their codes. */
export interface EventMessage {
  readonly kind: 'event';
  readonly event: keyof SqliteStoreEvents;
  readonly payload: object;
  readonly error: FailureMessage | undefined;
}

/**
 * Where a call is, in memory that both threads see: so a caller that gives up knows whether the call
 * will still be applied, without waiting for the worker.
 */
export const SLOT = { free: 0, waiting: 1, begun: 2, cancelled: 3 } as const;

/** The most calls under way at a time. */
export const SLOTS = 4096;
