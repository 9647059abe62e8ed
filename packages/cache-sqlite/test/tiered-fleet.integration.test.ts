import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driverIsMissing } from './fixtures/driver.ts';
import { findViolations, type Report } from './fixtures/fleet-history.ts';
import { buildPrograms, type Programs } from './fixtures/programs.ts';
import { runFleet } from './fixtures/run-fleet.ts';
import { useTempFolder } from './fixtures/temp-folder.ts';

/** The tiered cache's default. */
const POLL_INTERVAL = 100;

describe.skipIf(driverIsMissing)('tiered caches of several processes on one file', () => {
  let programs: Programs;
  const folder = useTempFolder();
  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => programs.remove());

  test('return nothing older than an invalidation once its window has passed, also beside processes that are killed', async () => {
    const seed = Date.now() % 1_000_000;
    const reports = await runFleet({
      programs,
      folder: folder.at(''),
      seed,
      duration: 3000,
      members: 2,
      victims: 1,
    });
    // How much they come to is the machine's affair.
    for (const { reads } of reports) expect(reads.length).toBeGreaterThan(0);
    const applied = reports
      .flatMap(({ invalidations }) => invalidations)
      .filter((one) => one.applied);
    expect(applied.length).toBeGreaterThan(0);
    expect(findViolations(reports, POLL_INTERVAL), `seed ${seed}`).toEqual([]);
  });
});

describe('the checker', () => {
  const old: Report = {
    reads: [{ key: 't0:0', began: 1200, version: 1 }],
    invalidations: [],
    isolations: [],
    lag: 5,
  };
  const issuer = (resolved: number, applied = true): Report => ({
    reads: [],
    invalidations: [{ key: 't0:0', version: 2, resolved, applied }],
    isolations: [],
    lag: 5,
  });

  test('finds a read that is too old in another process, and only beyond the window', () => {
    expect(findViolations([old, issuer(1000)], POLL_INTERVAL)).toHaveLength(1);
    expect(findViolations([old, issuer(1100)], POLL_INTERVAL)).toHaveLength(0);
    expect(findViolations([old, issuer(1000, false)], POLL_INTERVAL)).toHaveLength(0);
  });

  test('does not count the time in which a process was isolated', () => {
    const isolated = { ...old, isolations: [{ from: 1050, to: 1150 }] };
    expect(findViolations([isolated, issuer(1000)], POLL_INTERVAL)).toHaveLength(0);
    expect(findViolations([isolated, issuer(980)], POLL_INTERVAL)).toHaveLength(1);
  });

  test('allows the issuer no window', () => {
    const both = { ...old, invalidations: issuer(1199).invalidations };
    expect(findViolations([both], POLL_INTERVAL)).toHaveLength(1);
  });
});
