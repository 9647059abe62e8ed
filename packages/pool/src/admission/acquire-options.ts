/** Options of one acquire. */
export interface AcquireOptions {
  /** Ends the wait when it aborts; its reason is the rejection. */
  readonly signal?: AbortSignal | undefined;
  /** The wait is over then, by the pool's clock (`performance.now()`). @default none */
  readonly deadline?: number | undefined;
  /** Milliseconds that it may wait. @default the pool's `acquireTimeout` */
  readonly timeout?: number | undefined;
  /** From 0 to 9, the higher first. @default 5 */
  readonly priority?: number | undefined;
}
