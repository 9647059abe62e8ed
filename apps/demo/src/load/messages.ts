/** The first message to the load worker. */
export interface Setup {
  readonly kind: 'setup';
  readonly origin: string;
  readonly paths: readonly string[];
  readonly concurrency: number;
}

/** A wrong or missing answer. */
export interface Fault {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** Send a stream of requests. */
export interface StreamOrder {
  readonly kind: 'stream';
  /** Indexes into the worker's paths. */
  readonly stream: Uint32Array;
  /** Past the cache, by `cache-control: no-cache`. */
  readonly fresh: boolean;
}

/** Compare the remembered, or the cache's present, answers with the database's. */
export interface CheckOrder {
  readonly kind: 'check';
  readonly stream: Uint32Array;
  /**
   * `remembered`: the answer that every earlier one was compared with. `present`: what the cache
   * says now; what was remembered is forgotten.
   */
  readonly what: 'remembered' | 'present';
}

/** Raise the populations of some cities while reading them. */
export interface UpdateOrder {
  readonly kind: 'update';
  /** Each city's number and its population before. */
  readonly cities: readonly { readonly id: number; readonly population: number }[];
  /** How often each is raised. */
  readonly rounds: number;
}

/** What the worker is told to do; one order at a time. */
export type Order = StreamOrder | CheckOrder | UpdateOrder;

/** Every message to the worker. */
export type Command = Setup | Order;

/** What came of an order. */
export interface Outcome {
  readonly kind: 'done';
  /** Milliseconds per request, in the order of the stream. */
  readonly latencies: Float64Array;
  /** From the first request to the last answer, in milliseconds. */
  readonly elapsed: number;
  /** How many answers came from each tier, by the answers' own word. */
  readonly tiers: Readonly<Record<string, number>>;
  readonly faultCount: number;
  /** The first few of them. */
  readonly faults: readonly Fault[];
}

/** What the worker says meanwhile. */
export interface Progress {
  readonly kind: 'progress';
  readonly done: number;
}

/** Every message from the worker. */
export type Report = Outcome | Progress | { readonly kind: 'failed'; readonly message: string };
