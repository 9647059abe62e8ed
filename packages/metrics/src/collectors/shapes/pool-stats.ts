import { hasNumbers, numberIn, statsIn, type StatsShape } from './stats-shape.ts';
import { Teller } from './teller.ts';

const STATES = ['active', 'idle', 'connecting'] as const;

/** `{ acquired, released, active, idle, waiting }` and more: every pool. */
export const poolStats: StatsShape = {
  what: 'a pool',
  matches: (stats) => hasNumbers(stats, 'acquired', 'released', 'active', 'idle', 'waiting'),
  tell(sink, pool, stats) {
    const tell = new Teller(sink, { pool });
    const number = (field: string): number | undefined => numberIn(stats, field);
    for (const state of STATES) {
      tell.gauge('pool_resources', 'Connections or objects, by what they do', number(state), {
        state,
      });
    }
    tell.gauge('pool_limit', 'How many may be out', number('limit'));
    tell.gauge('pool_waiting', 'Callers that wait', number('waiting'));
    tell.gauge('pool_leaked', 'Those that are out for too long', number('leaked'));
    tell.counter('pool_acquired_total', 'Callers that got one', number('acquired'));
    tell.counter('pool_timeouts_total', 'Callers whose time was over', number('timeouts'));
    tell.counter('pool_rejected_total', 'Callers that were refused', number('rejected'));
    tell.counter('pool_aborted_total', 'Callers that gave up', number('aborted'));
    tell.counter(
      'pool_errors_total',
      'Failures to create, check, reset or destroy',
      number('errors'),
    );
    tell.counter('pool_created_total', 'Those that were created', number('created'));
    tell.counters(
      'pool_destroyed_total',
      'Those that were destroyed',
      'reason',
      statsIn(stats, 'destroyed'),
    );
    tell.durations('pool_acquire_seconds', 'From the call to the turn', stats, 'acquireMs');
    tell.durations('pool_use_seconds', 'From the turn to the release', stats, 'useMs');
    tell.durations('pool_connect_seconds', 'How long a creation takes', stats, 'connectMs');
  },
};
