import type { Finding, Severity, Suspicion } from './finding.ts';

/** From which confidence on one trouble accounts for another. */
const SURE = 0.5;

/**
 * The findings that suspicions come to, what should be seen to first before all others: what accounts for others stands above
 * them, else the worse and surer one.
 */
export function rankFindings(suspicions: readonly Suspicion[]): readonly Finding[] {
  const sorted = suspicions.toSorted((a, b) => weightOf(b) - weightOf(a));
  const explained = sorted.map((one) => ({ one, by: explanationOf(one, sorted) }));
  const ranked = [
    ...explained.filter(({ by }) => by === undefined),
    ...explained.filter(({ by }) => by !== undefined),
  ];
  return ranked.map(({ one, by }) => {
    const { intensity, explains: _, ...rest } = one;
    return { ...rest, severity: severityOf(intensity, one.confidence), explainedBy: by?.cause };
  });
}

function weightOf({ intensity, confidence }: Suspicion): number {
  return (1 + Math.max(0, Math.min(intensity, 2))) * confidence;
}

/** The one furthest back: what explains the explanation, in turn, explains both. Circles are cut where the weightier one stands. */
function explanationOf(one: Suspicion, all: readonly Suspicion[]): Suspicion | undefined {
  const direct = all.filter(
    (other) => other !== one && other.confidence >= SURE && other.explains.includes(one.cause),
  );
  return direct.find(
    (other) => !one.explains.includes(other.cause) || weightOf(other) >= weightOf(one),
  );
}

function severityOf(intensity: number, confidence: number): Severity {
  if (confidence < 0.5) return 'low';
  if (intensity >= 1) return 'critical';
  return intensity >= 0.5 ? 'high' : 'medium';
}
