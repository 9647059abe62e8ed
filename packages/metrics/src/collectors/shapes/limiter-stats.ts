import { hasNumbers, numberIn, type StatsShape } from './stats-shape.ts';
import { Teller } from './teller.ts';

/** `{ keys, waiting, admitted, refused }`: rate limiters. */
export const limiterStats: StatsShape = {
  what: 'a rate limiter',
  matches: (stats) => hasNumbers(stats, 'keys', 'admitted', 'refused'),
  tell(sink, limiter, stats) {
    const tell = new Teller(sink, { limiter });
    const number = (field: string): number | undefined => numberIn(stats, field);
    tell.gauge('rate_limiter_keys', 'Keys that something counts against', number('keys'));
    tell.gauge('rate_limiter_waiting', 'Requests that wait', number('waiting'));
    for (const outcome of ['admitted', 'refused', 'aborted']) {
      const value = number(outcome);
      tell.counter('rate_limiter_requests_total', 'Requests by what became of them', value, {
        outcome,
      });
    }
  },
};
