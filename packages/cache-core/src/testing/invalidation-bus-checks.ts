import type { BusCheck } from './bus-suite/bus-check.ts';
import { CONNECTION_CHECKS, LOSS_CHECKS, UNREACHABLE_CHECKS } from './bus-suite/connection.ts';
import { DELIVERY_CHECKS } from './bus-suite/delivery.ts';

/** What the subjects of a bus can do beyond what they all must. */
export interface BusTraits {
  /** Whether they have `cut` and `restore`. @default false */
  readonly cut?: boolean;
  /** Whether they have `unreachable`. @default false */
  readonly unreachable?: boolean;
}

/** The facts that have to hold for a bus, for use with any test runner through `runBusCheck`. */
export function invalidationBusChecks(traits: BusTraits = {}): readonly BusCheck[] {
  return [
    ...DELIVERY_CHECKS,
    ...CONNECTION_CHECKS,
    ...(traits.cut === true ? LOSS_CHECKS : []),
    ...(traits.unreachable === true ? UNREACHABLE_CHECKS : []),
  ];
}
