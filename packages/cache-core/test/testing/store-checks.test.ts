import { describe, expect, it, vi } from 'vitest';
import { cacheStoreChecks } from '../../src/testing/cache-store-checks.ts';
import { describeCacheStore } from '../../src/testing/describe-cache-store.ts';
import { referenceStore, type ReferenceStoreOptions } from '../../src/testing/reference-store.ts';
import {
  runStoreCheck,
  type StoreCheck,
  type StoreSubject,
} from '../../src/testing/suite/store-check.ts';
import { subjectOf, traitsOf, type Alteration } from './alterations/alteration.ts';
import { CONCURRENCY_ALTERATIONS, SEVERAL_HANDLES_ALTERATIONS } from './alterations/concurrency.ts';
import { DROPS_ALTERATIONS } from './alterations/drops.ts';
import { KEYS_ALTERATIONS } from './alterations/keys.ts';
import { LEDGER_ALTERATIONS } from './alterations/ledger.ts';
import { LIFECYCLE_ALTERATIONS } from './alterations/lifecycle.ts';
import { LIFETIMES_ALTERATIONS, TOUCH_ALTERATIONS } from './alterations/lifetimes.ts';
import { MODEL_ALTERATIONS } from './alterations/model.ts';
import { NEWS_ALTERATIONS } from './alterations/news.ts';
import { PERSISTENCE_ALTERATIONS } from './alterations/persistence.ts';
import { SCAN_ALTERATIONS } from './alterations/scan.ts';
import { SIGNALS_ALTERATIONS } from './alterations/signals.ts';
import { TICKETS_ALTERATIONS } from './alterations/tickets.ts';
import { TICKET_BATCHES_ALTERATIONS } from './alterations/ticket-batches.ts';
import { VALUES_ALTERATIONS } from './alterations/values.ts';
import {
  WRITE_THROUGH_ALTERATIONS,
  INTERLEAVINGS_ALTERATIONS,
} from './alterations/write-through.ts';

const ALTERATIONS = [
  ...CONCURRENCY_ALTERATIONS,
  ...SEVERAL_HANDLES_ALTERATIONS,
  ...DROPS_ALTERATIONS,
  ...KEYS_ALTERATIONS,
  ...LEDGER_ALTERATIONS,
  ...LIFECYCLE_ALTERATIONS,
  ...LIFETIMES_ALTERATIONS,
  ...TOUCH_ALTERATIONS,
  ...MODEL_ALTERATIONS,
  ...NEWS_ALTERATIONS,
  ...PERSISTENCE_ALTERATIONS,
  ...SCAN_ALTERATIONS,
  ...SIGNALS_ALTERATIONS,
  ...TICKETS_ALTERATIONS,
  ...TICKET_BATCHES_ALTERATIONS,
  ...VALUES_ALTERATIONS,
  ...WRITE_THROUGH_ALTERATIONS,
  ...INTERLEAVINGS_ALTERATIONS,
];

/** Whether a check holds for a store that breaks a rule. */
async function holds(check: StoreCheck, alteration: Alteration): Promise<boolean> {
  try {
    await runStoreCheck(check, () => subjectOf(alteration), traitsOf(alteration));
    return true;
  } catch {
    return false;
  }
}

function checksFor(alteration: Alteration): readonly StoreCheck[] {
  return cacheStoreChecks(traitsOf(alteration)).filter(({ topic }) => topic === alteration.topic);
}

async function isNoticed(alteration: Alteration): Promise<boolean> {
  for (const check of checksFor(alteration)) {
    if (!(await holds(check, alteration))) return true;
  }
  return false;
}

function checkThat(run: StoreCheck['run']): StoreCheck {
  return { topic: 'a topic', title: 'a title', applies: () => true, run };
}

function subject(cleanup: () => void | Promise<void>): StoreSubject {
  return { store: referenceStore(), advance: () => {}, cleanup };
}

function titlesFor(options: ReferenceStoreOptions): readonly string[] {
  const titles: string[] = [];
  describeCacheStore('a store', () => Promise.reject(new Error('not run')), {
    capabilities: referenceStore(options).capabilities,
    describe: (name, body) => {
      titles.push(name);
      body();
    },
    it: (title) => titles.push(title),
  });
  return titles;
}

function notRun(): never {
  throw new Error('not run');
}

describe('the checks', () => {
  it.each(ALTERATIONS)('of $topic notice a store that breaks $breaks', async (alteration) => {
    expect(await isNoticed(alteration)).toBe(true);
  });

  it('can all fail', async () => {
    const neverFailed = new Set(ALTERATIONS.flatMap(checksFor));
    for (const alteration of ALTERATIONS) {
      for (const check of checksFor(alteration)) {
        if (neverFailed.has(check) && !(await holds(check, alteration))) neverFailed.delete(check);
      }
    }

    expect([...neverFailed].map(({ title }) => title)).toEqual([]);
  });
});

describe('runStoreCheck', () => {
  const traits = { capabilities: referenceStore().capabilities };

  it('cleans up after a check, whether it holds or not', async () => {
    const cleanup = vi.fn<() => void>();
    await runStoreCheck(
      checkThat(async () => {}),
      () => subject(cleanup),
      traits,
    );
    expect(cleanup).toHaveBeenCalledOnce();

    const failure = new Error('does not hold');
    const failing = checkThat(() => Promise.reject(failure));
    await expect(runStoreCheck(failing, () => subject(cleanup), traits)).rejects.toBe(failure);
    expect(cleanup).toHaveBeenCalledTimes(2);
  });

  it('reports what fails in the cleanup, but not in place of the check', async () => {
    const stuck = new Error('cannot close');
    const failure = new Error('does not hold');
    const cleanup = (): Promise<void> => Promise.reject(stuck);

    await expect(
      runStoreCheck(
        checkThat(async () => {}),
        () => subject(cleanup),
        traits,
      ),
    ).rejects.toBe(stuck);
    await expect(
      runStoreCheck(
        checkThat(() => Promise.reject(failure)),
        () => subject(cleanup),
        traits,
      ),
    ).rejects.toBe(failure);
  });

  it.each(['second', 'reopen'] as const)('says that create() must offer %s()', async (part) => {
    const needing = checkThat(async (context) => {
      await context[part]();
    });

    await expect(runStoreCheck(needing, () => subject(() => {}), traits)).rejects.toThrow(
      `create() must offer ${part}()`,
    );
  });

  it('gives real time more of it', async () => {
    const shorts: number[] = [];
    const reading = checkThat(async ({ short }) => {
      shorts.push(short);
    });
    for (const more of [{}, { realTime: true }, { expiryResolution: 1000 }]) {
      await runStoreCheck(reading, () => subject(() => {}), { ...traits, ...more });
    }

    expect(shorts).toEqual([50, 500, 2000]);
  });
});

describe('describeCacheStore', () => {
  it('registers only what the store claims', () => {
    const all = titlesFor({});
    expect(all).toEqual(expect.arrayContaining(['a store', 'touch', 'scan', 'tickets', 'drops']));
    const poor = titlesFor({
      scope: 'process',
      persistent: false,
      conditional: false,
      scan: false,
      touch: false,
    });

    expect(poor.length).toBeLessThan(all.length / 2);
    for (const topic of ['touch', 'scan', 'tickets', 'ledger', 'persistence', 'several handles']) {
      expect(poor).not.toContain(topic);
    }
  });

  it('registers every title once', () => {
    const titles = cacheStoreChecks({
      capabilities: { ...referenceStore().capabilities, maxKeyBytes: 1, maxValueBytes: 1 },
      dropsKept: 1,
    }).map(({ topic, title }) => `${topic}: ${title}`);

    expect(new Set(titles).size).toBe(titles.length);
  });

  it('needs a describe and an it where there are no global ones', () => {
    const { capabilities } = referenceStore();
    expect(() => describeCacheStore('a store', notRun, { capabilities })).toThrow(/^describe must/);
    expect(() => describeCacheStore('a store', notRun, { capabilities, describe })).toThrow(
      /^it must/,
    );
  });
});
