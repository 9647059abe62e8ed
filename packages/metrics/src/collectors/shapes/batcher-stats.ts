import { hasNumbers, numberIn, type StatsShape } from './stats-shape.ts';
import { Teller } from './teller.ts';

/** `{ batches, keys, joined }` and more: batchers. */
export const batcherStats: StatsShape = {
  what: 'a batcher',
  matches: (stats) => hasNumbers(stats, 'batches', 'keys', 'joined'),
  tell(sink, batcher, stats) {
    const tell = new Teller(sink, { batcher });
    const number = (field: string): number | undefined => numberIn(stats, field);
    tell.counter('batcher_batches_total', 'Batches that were sent', number('batches'));
    tell.counter('batcher_keys_total', 'Keys that were sent', number('keys'));
    tell.counter('batcher_joined_total', 'Callers that joined a key that waited', number('joined'));
    tell.counter(
      'batcher_failed_batches_total',
      'Batches that failed as a whole',
      number('failedBatches'),
    );
    tell.counter('batcher_refused_total', 'Keys that were refused', number('refused'));
    tell.gauge('batcher_waiting', 'Keys that wait', number('waiting'));
  },
};
