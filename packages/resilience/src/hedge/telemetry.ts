/** A further attempt of a call was started. */
export interface HedgeEvent {
  readonly policy: string;
  /** Which attempt it is, from 2 on. */
  readonly attempt: number;
  /** Milliseconds that the one before had then run. */
  readonly delay: number;
}

/** A call was answered by a further attempt. */
export interface HedgeWonEvent {
  readonly policy: string;
  /** Which attempt it was, from 2 on. */
  readonly attempt: number;
}

/** Events of a hedge. */
export interface HedgeEvents {
  readonly hedge: HedgeEvent;
  readonly won: HedgeWonEvent;
}

/** What {@link Hedge.snapshot} returns. */
export interface HedgeSnapshot {
  readonly name: string;
  /** Milliseconds after which a call is hedged now; `undefined` while too few calls are known. */
  readonly delay: number | undefined;
  readonly active: number;
  /** Since the start. */
  readonly totals: {
    readonly calls: number;
    /** Further attempts that were started. */
    readonly hedges: number;
    /** Calls that were answered by one. */
    readonly won: number;
    /** Further attempts for which there was no budget. */
    readonly denied: number;
  };
}
