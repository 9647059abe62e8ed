/** What the processes of a fleet saw and did. Times are milliseconds of one clock that all of them share. */

/** A read that returned a version of a key. */
export interface Read {
  readonly key: number;
  readonly began: number;
  readonly ended: number;
  readonly version: number;
}

/** The truth has had `version`, and then the cache was told. */
export interface Invalidation {
  readonly key: number;
  readonly version: number;
  /** Whether what it concerns may be served stale for a while. */
  readonly soft: boolean;
  /** When the call resolved; from then on its own process obeys it, unless it is soft. */
  readonly returned: number;
  /**
   * When the store had it and the others were told: at `returned`, or when what was queued had been
   * replayed. `Infinity` while that is not known.
   */
  readonly counted: number;
}

/** A stretch of time, with what was measured in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The longest delay of an event loop within a stretch of time. */
export interface Lag extends Span {
  readonly most: number;
}

/** A process has met another server, and has told it again what the former one had acknowledged. */
export interface Recovery {
  readonly replaced: number;
  readonly settled: number;
}

/** Everything that one process saw and did, up to its end. */
export interface ProcessHistory {
  readonly name: string;
  readonly reads: readonly Read[];
  readonly invalidations: readonly Invalidation[];
  /** When it left the store alone, because it did not answer. */
  readonly isolations: readonly Span[];
  readonly lags: readonly Lag[];
  readonly recoveries: readonly Recovery[];
}

/** The server went back to an older copy of everything. */
export interface Rollback {
  /** When the copy was made. */
  readonly kept: number;
  /** When the server was stopped. */
  readonly stopped: number;
  /** When it answered again, with the copy. */
  readonly back: number;
}

/** What was done to the fleet from outside, as far as it counts. */
export interface Circumstances {
  /** When everybody heard everybody, and nothing was done to anybody. */
  readonly calms: readonly Span[];
  /** By how much messages were delayed on purpose. */
  readonly delays: readonly Lag[];
  /** The event loop of the process through which all traffic goes. */
  readonly lags: readonly Lag[];
  readonly rollbacks: readonly Rollback[];
}

/** When each version of a key was committed; the version is the index. */
export type Commits = readonly (readonly number[])[];

export interface History {
  readonly processes: readonly ProcessHistory[];
  readonly circumstances: Circumstances;
  readonly commits: Commits;
}
