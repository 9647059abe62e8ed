/** What a process with many callers, and the one that runs it, tell each other. */

export interface CallerOptions {
  readonly url: string;
  readonly prefix: string;
  /** Milliseconds. */
  readonly leaseWait: number;
}

export type ToCaller =
  /** So many callers ask for the key, all at once; answered with `herded`. */
  | { readonly kind: 'herd'; readonly key: string; readonly callers: number }
  /** The oldest load that is under way has this value; without one it fails. */
  | { readonly kind: 'loaded'; readonly value: string | undefined }
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'close' };

export type FromCaller =
  /** It hears so many others. */
  | { readonly kind: 'hears'; readonly others: number }
  /** The source is asked. */
  | { readonly kind: 'loading' }
  /** What the callers got: each value with how often, and how many got an error. */
  | {
      readonly kind: 'herded';
      readonly values: readonly (readonly [value: string, times: number])[];
      readonly rejected: number;
    }
  | { readonly kind: 'got'; readonly value: string | undefined }
  /** Nobody has caught this. */
  | { readonly kind: 'failed'; readonly reason: string };
