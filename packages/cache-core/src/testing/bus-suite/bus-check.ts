import assert from 'node:assert/strict';
import { systemClock } from '@perf/core';
import type { InvalidationBus } from '../../contracts/invalidation-bus.ts';
import { BusHearer } from './bus-hearer.ts';

/** What a check is run on; made anew for each, with a channel of its own. */
export interface BusSubject {
  readonly bus: InvalidationBus;
  /** Another bus on the same medium and channel, as another process would have it. */
  second(): Promise<InvalidationBus> | InvalidationBus;
  /** A bus on the same medium and another channel. */
  elsewhere(): Promise<InvalidationBus> | InvalidationBus;
  /** A bus whose medium cannot be reached. Without it that is not checked. */
  unreachable?(): Promise<InvalidationBus> | InvalidationBus;
  /** Breaks the connections of {@link bus} in a way that it notices. Without it that is not checked. */
  cut?(): Promise<void> | void;
  /** Lets it connect again. Needed with {@link cut}. */
  restore?(): Promise<void> | void;
  /** Closes every bus that was made, even a second time. */
  cleanup(): Promise<void> | void;
}

/** Makes a {@link BusSubject}. */
export type CreateBusSubject = () => Promise<BusSubject> | BusSubject;

/** What a check works with. */
export interface BusCheckContext {
  readonly subject: BusSubject;
  /** Opens a bus and waits until it hears. */
  readonly hear: (bus: InvalidationBus) => Promise<BusHearer>;
  /** Resolves once it holds. @throws when it does not within seconds */
  readonly until: (holds: () => boolean, what: string) => Promise<void>;
}

/** One fact about buses that can be tried. */
export interface BusCheck {
  readonly topic: string;
  /** States the fact. */
  readonly title: string;
  /** @throws if it does not hold */
  run(context: BusCheckContext): Promise<void>;
}

/** How long a check waits for something to happen, in milliseconds, and how often it looks. */
const PATIENCE = 20_000;
const INTERVAL = 5;

/** The checks of one topic, each under the fact that it states. */
export function busChecksOf(
  topic: string,
  checks: Readonly<Record<string, (context: BusCheckContext) => Promise<void>>>,
): readonly BusCheck[] {
  return Object.entries(checks).map(([title, run]) => ({ topic, title, run }));
}

/**
 * Runs one check on a subject of its own, which is cleaned up afterwards.
 * @throws what the check throws
 */
export async function runBusCheck(check: BusCheck, create: CreateBusSubject): Promise<void> {
  const subject = await create();
  try {
    await check.run({ subject, hear, until });
  } catch (error) {
    // The check's failure is the news; a bus that fails it may well fail to close.
    await Promise.resolve(subject.cleanup()).catch(() => {});
    throw error;
  }
  await subject.cleanup();
}

async function hear(bus: InvalidationBus): Promise<BusHearer> {
  const hearer = new BusHearer(bus);
  await until(() => hearer.connections === 1, 'the bus hears');
  return hearer;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !holds(); waited += INTERVAL) {
    assert.ok(waited < PATIENCE, `it does not come about that ${what}`);
    await new Promise<void>((resolve) => {
      systemClock.setTimer(resolve, INTERVAL, { keepAlive: true });
    });
  }
}
