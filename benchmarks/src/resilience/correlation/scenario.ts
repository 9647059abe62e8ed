/** What goes wrong with a service for a while. */
export interface Fault {
  readonly service: string;
  /** Milliseconds since the start. */
  readonly from: number;
  readonly until: number;
  /** Which part of the calls fails meanwhile. */
  readonly part: number;
  /** The `code` of its errors. */
  readonly code: string;
}

/** Faults with one cause, or a single one of its own. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly faults: readonly Fault[];
}

export type IncidentKind = 'independent' | 'shared dependency' | 'cascade' | 'noise' | 'flapping';

/** A service, and how it is called when nothing is wrong. */
export interface Service {
  readonly name: string;
  /** Calls a millisecond. */
  readonly rate: number;
  /** Which part of its calls fails always. */
  readonly normal: number;
}

export interface Scenario {
  readonly services: readonly Service[];
  readonly incidents: readonly Incident[];
  /** Milliseconds. */
  readonly duration: number;
}

const SERVICES = 20;
const DURATION = 1_800_000;
/** When the first incident begins, and how far apart they are on average. */
const FIRST = 120_000;
const APART = 120_000;
const CODES = ['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'E_INTERNAL', 'E_BUSY'];

/**
 * Twenty services, called twice a second to fifty times, of which up to one call in a hundred fails always. At random times, which
 * may fall together: a service fails by itself; a dependency that three to eight of them share fails; a failure
 * spreads over three to five, from one to the next within seconds; a service has a burst of four to eight failures. One service flaps all the time.
 */
export function makeScenario(random: () => number): Scenario {
  const between = (least: number, most: number): number => least + random() * (most - least);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const services = Array.from({ length: SERVICES }, (_, index) => ({
    name: `service-${index}`,
    rate: 0.002 * 25 ** random(),
    normal: between(0, 0.01),
  }));
  const names = services.map(({ name }) => name);
  const flapping = names[0] as string;
  const some = (count: number): string[] => {
    const rest = names.slice(1);
    return Array.from({ length: count }, () =>
      rest.splice(Math.floor(random() * rest.length), 1),
    ).flat();
  };
  const fault = (service: string, from: number, length: number, code: string): Fault => ({
    service,
    from,
    until: from + length,
    part: between(0.5, 1),
    code,
  });
  const make: Record<Exclude<IncidentKind, 'flapping'>, (from: number) => Fault[]> = {
    independent: (from) => some(1).map((one) => fault(one, from, between(5e3, 60e3), pick(CODES))),
    'shared dependency': (from) => {
      const [length, code] = [between(10e3, 60e3), pick(CODES)];
      return some(Math.floor(between(3, 9))).map((one) =>
        // Connections and caches delay it; some see it as another error.
        fault(one, from + between(0, 2000), length, random() < 0.8 ? code : pick(CODES)),
      );
    },
    cascade: (from) => {
      let at = from;
      return some(Math.floor(between(3, 6))).map((one) => {
        const begun = fault(one, at, from + 60e3 - at, pick(CODES));
        at += between(1000, 6000);
        return begun;
      });
    },
    noise: (from) => some(1).map((one) => ({ ...fault(one, from, 300, pick(CODES)), part: 0.9 })),
  };
  const incidents: Incident[] = [flaps(flapping, between)];
  for (let from = FIRST; from < DURATION - 60_000; from += between(0.2, 1.8) * APART) {
    const kind = pick(['independent', 'shared dependency', 'cascade', 'noise'] as const);
    incidents.push({ kind, faults: make[kind](from) });
    // Half of the time, something else fails by itself meanwhile.
    if (random() < 0.5) {
      incidents.push({
        kind: 'independent',
        faults: make.independent(from + between(-40e3, 40e3)),
      });
    }
  }
  return { services, incidents, duration: DURATION };
}

/** Five seconds of failures, about every half minute. */
function flaps(service: string, between: (least: number, most: number) => number): Incident {
  const faults: Fault[] = [];
  for (let from = 20_000; from < DURATION; from += between(20e3, 40e3)) {
    faults.push({ service, from, until: from + 5000, part: 0.9, code: 'ETIMEDOUT' });
  }
  return { kind: 'flapping', faults };
}
