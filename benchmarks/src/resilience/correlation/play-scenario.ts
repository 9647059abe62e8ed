import { ManualClock, seededRandom } from '@perf/core/testing';
import { createBreakerRegistry, type Incident as Reported } from '@perf/resilience';
import { makeScenario, type Fault, type Incident, type Scenario } from './scenario.ts';

/** How the reports of one scenario compare with what happened; pairs of services that fail together are counted. */
export interface Tally {
  /** Pairs that were reported, and those of them that failed of one cause. */
  reported: number;
  right: number;
  /** By the kind of incident: pairs that failed of one cause, and those of them that were reported. */
  readonly happened: Record<'shared dependency' | 'cascade', { pairs: number; found: number }>;
  /** Milliseconds from the second service's failing to the report. */
  readonly delays: number[];
}

/** Runs the calls of a scenario through a registry of breakers, and compares what it reports with the truth. */
export async function playScenario(seed: number): Promise<Tally> {
  const random = seededRandom(seed);
  const scenario = makeScenario(random);
  const clock = new ManualClock();
  const registry = createBreakerRegistry({ clock, defaults: { random } });
  /** What each incident was last told to be, and when it was first told. */
  const reports = new Map<number, { readonly at: number; readonly incident: Reported }>();
  registry.on('incident', (incident) => {
    const at = reports.get(incident.id)?.at ?? clock.now();
    reports.set(incident.id, { at, incident });
  });
  await playCalls(scenario, clock, random, (service, fails) =>
    registry.protectedCall(service, fails),
  );
  return compare(scenario, [...reports.values()]);
}

async function playCalls(
  { services, incidents, duration }: Scenario,
  clock: ManualClock,
  random: () => number,
  call: (service: string, fn: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const faults = new Map<string, Fault[]>();
  for (const fault of incidents.flatMap((incident) => incident.faults)) {
    faults.set(fault.service, [...(faults.get(fault.service) ?? []), fault]);
  }
  const total = services.reduce((sum, { rate }) => sum + rate, 0);
  for (let now = 0; now < duration; now -= Math.log(1 - random()) / total) {
    clock.advance(now - clock.now());
    // A service comes up as often as it is called.
    let at = random() * total;
    const service = services.find(({ rate }) => (at -= rate) < 0) ?? services[0];
    if (service === undefined) continue;
    const fault = faults.get(service.name)?.find(({ from, until }) => from <= now && now < until);
    const code = failureOf(service.normal, fault, random);
    await call(service.name, async () => {
      if (code !== undefined) throw Object.assign(new Error(code), { code });
    }).catch(() => undefined);
  }
}

function failureOf(
  normal: number,
  fault: Fault | undefined,
  random: () => number,
): string | undefined {
  if (fault !== undefined && random() < fault.part) return fault.code;
  return random() < normal ? 'E_INTERNAL' : undefined;
}

function compare(
  { incidents }: Scenario,
  reports: readonly { readonly at: number; readonly incident: Reported }[],
): Tally {
  const tally: Tally = {
    reported: 0,
    right: 0,
    happened: { 'shared dependency': { pairs: 0, found: 0 }, cascade: { pairs: 0, found: 0 } },
    delays: [],
  };
  for (const { at, incident } of reports) {
    for (const [one, other] of pairs(incident.services.map(({ name }) => name))) {
      tally.reported++;
      if (incidents.some((cause) => explains(cause, [one, other], incident.since, at))) {
        tally.right++;
      }
    }
  }
  for (const cause of incidents) {
    if (cause.kind !== 'shared dependency' && cause.kind !== 'cascade') continue;
    const counts = tally.happened[cause.kind];
    const found = new Set<string>();
    for (const { at, incident } of reports) {
      const names = incident.services.map(({ name }) => name);
      const matched = pairs(names).filter((pair) => explains(cause, pair, incident.since, at));
      if (matched.length > 0) tally.delays.push(Math.max(0, at - secondFailing(cause)));
      for (const pair of matched)
        found.add(pair.toSorted((one, other) => one.localeCompare(other)).join());
    }
    counts.pairs += pairs(cause.faults).length;
    counts.found += found.size;
  }
  return tally;
}

/** Whether both fail of that cause, and the report is from that time. */
function explains(
  { faults }: Incident,
  pair: readonly [string, string],
  since: number,
  told: number,
): boolean {
  const first = Math.min(...faults.map(({ from }) => from));
  const last = Math.max(...faults.map(({ until }) => until));
  const isOfThen = told >= first && since < last;
  return isOfThen && pair.every((name) => faults.some(({ service }) => service === name));
}

function secondFailing({ faults }: Incident): number {
  return faults.map(({ from }) => from).toSorted((a, b) => a - b)[1] ?? 0;
}

function pairs<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((one, index) =>
    items.slice(index + 1).map((other) => [one, other] as const),
  );
}
