export { ManualClock, settle } from '@perf/core/testing';
export {
  controllableStore,
  type ControllableStore,
  type ControllableStoreOptions,
  type WriteOperation,
} from './testing/controllable-store.ts';
export type { FaultOptions } from './testing/call-control.ts';
export type {
  Hold,
  HoldOptions,
  OnAbort,
  StoreCallRecord,
  StoreOperation,
} from './testing/held-calls.ts';
export {
  createBusHub,
  type BusHub,
  type BusHubOptions,
  type HubMessage,
} from './testing/bus-hub.ts';
export {
  referenceBus,
  type PublishFaultOptions,
  type ReferenceBus,
  type ReferenceBusOptions,
} from './testing/reference-bus.ts';
export {
  createReferenceBackend,
  type ReferenceBackend,
  type ReferenceBackendOptions,
} from './testing/reference-backend.ts';
export type { LedgerLimits, LedgerSnapshot } from './testing/reference-ledger.ts';
export { referenceStore, type ReferenceStoreOptions } from './testing/reference-store.ts';
export { encodeEnvelope } from './codec/envelope.ts';
export { cacheStoreChecks } from './testing/cache-store-checks.ts';
export {
  describeCacheStore,
  type DescribeCacheStoreOptions,
} from './testing/describe-cache-store.ts';
export type { TestRunner } from '@perf/core/testing';
export { invalidationBusChecks, type BusTraits } from './testing/invalidation-bus-checks.ts';
export {
  describeInvalidationBus,
  type DescribeInvalidationBusOptions,
} from './testing/describe-invalidation-bus.ts';
export {
  runBusCheck,
  type BusCheck,
  type BusCheckContext,
  type BusSubject,
  type CreateBusSubject,
} from './testing/bus-suite/bus-check.ts';
export {
  runStoreCheck,
  type CheckContext,
  type CreateStoreSubject,
  type StoreCheck,
  type StoreSubject,
  type StoreTraits,
} from './testing/suite/store-check.ts';
