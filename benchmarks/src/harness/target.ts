/** What a row of a group has to reach. */
export interface Target {
  /** Several rows may share one: it names a line of the targets, `what` the part of it. */
  readonly id: string;
  readonly what: string;
  /** With what ours is compared. */
  readonly peerName: string;
  /** Unit of `ours` and `peer`. */
  readonly unit: string;
  /** What is held against `must`: how many times as good as the peer, our figure, or by how much it is above the peer's. */
  readonly judged: 'ratio' | 'ours' | 'difference';
  readonly bound: 'at least' | 'at most';
  /** The bar. */
  readonly must: number;
  /** Where we want to be. */
  readonly reach: number;
  /** The hit ratio, in percent, that has to be reached as well. */
  readonly mustHit?: number;
}

/** What was measured for a row. */
export interface Figure {
  readonly ours: number;
  readonly peer?: number;
  /** The median of the ratios of paired measurements, where there are such. */
  readonly ratio?: number;
  /** Hit ratios that came with it, in percent. */
  readonly hit?: { readonly ours: number; readonly peer: number };
}

/** Why a row could not be measured. */
export interface Skipped {
  readonly skipped: string;
}

/** What a row came to. */
export type Finding = Figure | Skipped;

/** A row of the results file. */
export interface ResultRow {
  readonly id: string;
  readonly what: string;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly peerName: string;
  readonly ratio: number | null;
  readonly must: number;
  /** `null` when it was skipped. */
  readonly pass: boolean | null;
  readonly unit: string;
  readonly judged: Target['judged'];
  /** What was held against `must`. */
  readonly value: number | null;
  readonly bound: Target['bound'];
  readonly reach: number;
  readonly hit: { readonly ours: number; readonly peer: number; readonly must?: number } | null;
  /** Why there are no figures. */
  readonly skipped: string | null;
}

/** Holds a finding against its target. Nothing that is not a number passes. */
export function judge(target: Target, finding: Finding): ResultRow {
  const { id, what, peerName, must, unit, judged, bound, reach } = target;
  const row = { id, what, peerName, must, unit, judged, bound, reach };
  if ('skipped' in finding) {
    const nothing = { ours: null, peer: null, ratio: null, value: null, hit: null };
    return { ...row, ...nothing, pass: null, skipped: finding.skipped };
  }
  const { ours, peer } = finding;
  const ratio = finding.ratio ?? (peer === undefined ? undefined : ours / peer);
  const value = { ratio, ours, difference: peer === undefined ? undefined : ours - peer }[judged];
  const reached = value !== undefined && (bound === 'at least' ? value >= must : value <= must);
  const hits = target.mustHit === undefined || (finding.hit?.ours ?? 0) >= target.mustHit;
  return {
    ...row,
    ours: finite(ours),
    peer: finite(peer),
    ratio: finite(ratio),
    value: finite(value),
    pass: reached && hits && Number.isFinite(value),
    hit: finding.hit === undefined ? null : withBar(finding.hit, target.mustHit),
    skipped: null,
  };
}

function withBar(hit: { ours: number; peer: number }, must: number | undefined): ResultRow['hit'] {
  return must === undefined ? hit : { ...hit, must };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
