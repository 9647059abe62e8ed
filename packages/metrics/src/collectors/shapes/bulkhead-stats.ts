import { hasNumbers, numberIn, statsIn, type Stats, type StatsShape } from './stats-shape.ts';
import { Teller } from './teller.ts';

/** `{ limit, active, waiting, totals: { admitted, refused } }`, or `calls` in the place of `admitted`: bulkheads. */
export const bulkheadStats: StatsShape = {
  what: 'a bulkhead',
  matches: (stats) =>
    hasNumbers(stats, 'limit', 'active', 'waiting') &&
    admittedIn(statsIn(stats, 'totals')) !== undefined,
  tell(sink, bulkhead, stats) {
    const tell = new Teller(sink, { bulkhead });
    const totals = statsIn(stats, 'totals');
    tell.gauge('bulkhead_limit', 'Calls that may run at once', numberIn(stats, 'limit'));
    tell.gauge('bulkhead_active', 'Calls that run', numberIn(stats, 'active'));
    tell.gauge('bulkhead_waiting', 'Calls that wait', numberIn(stats, 'waiting'));
    tell.counter('bulkhead_admitted_total', 'Calls that ran, or run', admittedIn(totals));
    tell.counter('bulkhead_refused_total', 'Calls that were refused', refusedIn(totals));
  },
};

function admittedIn(totals: Stats): number | undefined {
  return numberIn(totals, 'admitted') ?? numberIn(totals, 'calls');
}

/** A number, or one for each reason. */
function refusedIn(totals: Stats): number {
  const reasons = statsIn(totals, 'refused');
  const sum = Object.keys(reasons).reduce((all, one) => all + (numberIn(reasons, one) ?? 0), 0);
  return numberIn(totals, 'refused') ?? sum;
}
