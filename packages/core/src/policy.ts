/** What a {@link Policy} hands to the function it runs. */
export interface PolicyContext {
  /** Aborts when the caller gives up or the policy's own deadline passes. */
  readonly signal: AbortSignal;
}

/** Options of {@link Policy.execute}. */
export interface PolicyCall {
  /** Ends the wait, and the function's `signal`, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Something that runs a function under a rule: a breaker, a retry, a limit, or several of them
 * composed. Anything with this one method can be handed to a cache or a pool.
 */
export interface Policy {
  /** Settles with what the function settles with, or rejects with the policy's own error. */
  execute<T>(fn: (context: PolicyContext) => T | PromiseLike<T>, call?: PolicyCall): Promise<T>;
}
