import { checkFunction } from '@perf/core';
import {
  poolSettings,
  type PoolOptions,
  type PoolSettings,
} from '../configuration/pool-options.ts';

/** What a factory gets. */
export interface CreateContext {
  /** Aborts after `connectTimeout`, and when the pool is closed; what is created later is destroyed. */
  readonly signal: AbortSignal;
}

/** Options of `createObjectPool`. */
export interface ObjectPoolOptions<T> extends PoolOptions {
  /** Makes one. Where it returns no promise, `borrow()` can make one, too. */
  readonly create: (context: CreateContext) => T | PromiseLike<T>;
  /** Makes one that comes back fit for the next; if it fails, that one is destroyed. @default nothing is done */
  readonly reset?: ((value: T) => void | PromiseLike<void>) | undefined;
  /** Whether one is still fit, asked after `validateAfterIdle`; if not, or it fails, that one is destroyed. @default all are */
  readonly validate?: ((value: T) => boolean | PromiseLike<boolean>) | undefined;
  /** Ends one, of which the pool keeps nothing. @default nothing is done */
  readonly destroy?: ((value: T) => void | PromiseLike<void>) | undefined;
}

/** {@link ObjectPoolOptions}, checked. */
export interface ObjectPoolSettings<T> extends PoolSettings {
  readonly create: ObjectPoolOptions<T>['create'];
  readonly reset: ObjectPoolOptions<T>['reset'];
  readonly validate: ObjectPoolOptions<T>['validate'];
  readonly destroy: ObjectPoolOptions<T>['destroy'];
}

const KIND = 'objectPool';

/** @throws {@link ConfigError} naming the option that is refused */
export function objectPoolSettings<T>(options: ObjectPoolOptions<T>): ObjectPoolSettings<T> {
  const settings = poolSettings(KIND, options, ['create', 'reset', 'validate', 'destroy']);
  const { create, reset, validate, destroy } = options;
  checkFunction(`${KIND}.create`, create);
  if (reset !== undefined) checkFunction(`${KIND}.reset`, reset);
  if (validate !== undefined) checkFunction(`${KIND}.validate`, validate);
  if (destroy !== undefined) checkFunction(`${KIND}.destroy`, destroy);
  return { ...settings, create, reset, validate, destroy };
}
