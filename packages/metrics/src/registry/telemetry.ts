/** A metric has as many series as it may have; further ones are counted together from now on. Told once for each metric. */
export interface OverflowEvent {
  readonly metric: string;
  readonly limit: number;
  /** The label with the most different values, which is most likely the one to leave out. */
  readonly label: string;
}

/** A number was refused: negative, `NaN` or infinite. Told once for each metric. */
export interface InvalidEvent {
  readonly metric: string;
  readonly value: number;
}

/** A collector threw; what it had told until then counts. */
export interface CollectorErrorEvent {
  readonly error: unknown;
}

/** Events of a registry. */
export interface RegistryEvents {
  readonly overflow: OverflowEvent;
  readonly invalid: InvalidEvent;
  readonly collectorError: CollectorErrorEvent;
}

/** Every name of {@link RegistryEvents}. */
export const REGISTRY_EVENTS = ['overflow', 'invalid', 'collectorError'] as const;

/** What `stats()` of a registry returns. */
export interface RegistryStats {
  readonly metrics: number;
  readonly series: number;
  /** What was counted in the series of all those beyond the limit. */
  readonly overflowed: number;
  /** Numbers that were refused. */
  readonly invalid: number;
  readonly collectorErrors: number;
}
