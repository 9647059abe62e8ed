import { BASIC_CHECKS, SIZE_CHECKS } from './suite/basics.ts';
import { CONCURRENCY_CHECKS, HANDLE_CHECKS } from './suite/concurrency.ts';
import { BUS_CHECKS, DROP_CHECKS, DROP_LIMIT_CHECKS } from './suite/drops.ts';
import { INTERLEAVING_CHECKS } from './suite/interleavings.ts';
import { KEY_CHECKS, KEY_LENGTH_CHECKS } from './suite/keys.ts';
import { LEDGER_CHECKS, SHARED_LEDGER_CHECKS } from './suite/ledger.ts';
import { ABORT_CHECKS, FENCED_ABORT_CHECKS, LIFECYCLE_CHECKS } from './suite/lifecycle.ts';
import { TOUCH_CHECKS, TTL_CHECKS } from './suite/lifetimes.ts';
import { MODEL_CHECKS } from './suite/model.ts';
import { NEWS_CHECKS } from './suite/news.ts';
import { LEDGER_PERSISTENCE_CHECKS, PERSISTENCE_CHECKS } from './suite/persistence.ts';
import { SCAN_CHECKS } from './suite/scan.ts';
import type { StoreCheck, StoreTraits } from './suite/store-check.ts';
import { SCANNED_TICKET_CHECKS, SHARED_TICKET_CHECKS, TICKET_CHECKS } from './suite/tickets.ts';
import { TICKET_BATCH_CHECKS } from './suite/ticket-batches.ts';
import { WRITE_THROUGH_CHECKS } from './suite/write-through.ts';

const ALL: readonly StoreCheck[] = [
  [BASIC_CHECKS, SIZE_CHECKS, KEY_CHECKS, KEY_LENGTH_CHECKS],
  [TTL_CHECKS, TOUCH_CHECKS, SCAN_CHECKS, LIFECYCLE_CHECKS, ABORT_CHECKS, FENCED_ABORT_CHECKS],
  [CONCURRENCY_CHECKS, HANDLE_CHECKS, PERSISTENCE_CHECKS, LEDGER_PERSISTENCE_CHECKS],
  [TICKET_CHECKS, SCANNED_TICKET_CHECKS, SHARED_TICKET_CHECKS],
  [TICKET_BATCH_CHECKS, WRITE_THROUGH_CHECKS],
  [LEDGER_CHECKS, SHARED_LEDGER_CHECKS, DROP_CHECKS, DROP_LIMIT_CHECKS, BUS_CHECKS, NEWS_CHECKS],
  [INTERLEAVING_CHECKS, MODEL_CHECKS],
].flat(2);

/**
 * The facts that have to hold for a store with such traits, for use with any test runner through
 * `runStoreCheck`. What a store does not claim is not among them.
 */
export function cacheStoreChecks(traits: StoreTraits): readonly StoreCheck[] {
  return ALL.filter((check) => check.applies(traits));
}
