/** What there was, and what was said of it. */
export interface Judged {
  readonly fault: string;
  readonly verdict: string;
}

/** Counts of verdicts, a row for each fault; the right ones in the same order are on the diagonal. */
export function confusionTable(
  judged: readonly Judged[],
  expected: Readonly<Record<string, string>>,
): string[][] {
  const faults = Object.keys(expected);
  const verdicts = [
    ...Object.values(expected),
    ...new Set(
      judged
        .map(({ verdict }) => verdict)
        .filter((verdict) => !Object.values(expected).includes(verdict)),
    ),
  ];
  const count = (fault: string, verdict: string): number =>
    judged.filter((one) => one.fault === fault && one.verdict === verdict).length;
  return [
    ['', ...verdicts],
    ...faults.map((fault) => [
      fault,
      ...verdicts.map((verdict) =>
        count(fault, verdict) === 0 ? '·' : String(count(fault, verdict)),
      ),
    ]),
  ];
}

/** Which part of the verdicts on some faults was the expected one; NaN without any. */
export function rightShare(
  judged: readonly Judged[],
  expected: Readonly<Record<string, string>>,
  faults: readonly string[],
): number {
  const some = judged.filter(({ fault }) => faults.includes(fault));
  return some.filter(({ fault, verdict }) => expected[fault] === verdict).length / some.length;
}
