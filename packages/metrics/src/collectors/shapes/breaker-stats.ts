import { hasNumbers, numberIn, statsIn, type StatsShape } from './stats-shape.ts';
import { Teller } from './teller.ts';

const STATES = ['closed', 'open', 'half-open', 'isolated'];
const OUTCOMES = ['succeeded', 'failed', 'ignored', 'refused'];

/** `{ state, totals: { succeeded, failed, opened } }`: circuit breakers. */
export const breakerStats: StatsShape = {
  what: 'a circuit breaker',
  matches: (stats) =>
    STATES.includes(stats['state'] as string) &&
    hasNumbers(statsIn(stats, 'totals'), 'succeeded', 'failed'),
  tell(sink, breaker, stats) {
    const tell = new Teller(sink, { breaker });
    for (const state of STATES) {
      const value = stats['state'] === state ? 1 : 0;
      tell.gauge('circuit_breaker_state', '1 for the state that it is in', value, { state }, 'max');
    }
    const rate = numberIn(statsIn(stats, 'window'), 'failureRate');
    tell.gauge(
      'circuit_breaker_failure_rate',
      'Part of the calls in the window that failed',
      rate,
      {},
      'mean',
    );
    const totals = statsIn(stats, 'totals');
    for (const outcome of OUTCOMES) {
      const value = numberIn(totals, outcome);
      tell.counter('circuit_breaker_calls_total', 'Calls by what became of them', value, {
        outcome,
      });
    }
    tell.counter('circuit_breaker_opened_total', 'How often it opened', numberIn(totals, 'opened'));
  },
};
