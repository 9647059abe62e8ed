import { describe, expect, test } from 'vitest';
import { findViolations, longestStaleness } from './checker.ts';
import type { Circumstances, Invalidation, ProcessHistory, Read } from './history.ts';

const TERMS = { serve: 5000, keep: 400 };
const QUIET: Circumstances = { calms: [], delays: [], lags: [], rollbacks: [] };
/** Version 0 from the beginning, versions 1 and 2 later. */
const COMMITS = [[0, 900, 950]];
/** silence + delivery */
const WINDOW = 3100;

const read = (began: number, version: number, ended = began + 1): Read => ({
  key: 0,
  began,
  ended,
  version,
});
const told = (
  version: number,
  returned: number,
  more: Partial<Invalidation> = {},
): Invalidation => ({
  key: 0,
  version,
  soft: false,
  returned,
  counted: returned,
  ...more,
});
const process = (more: Partial<ProcessHistory>): ProcessHistory => ({
  name: 'a',
  reads: [],
  invalidations: [],
  isolations: [],
  lags: [],
  recoveries: [],
  ...more,
});
const check = (
  processes: readonly ProcessHistory[],
  circumstances: Partial<Circumstances> = {},
): readonly string[] =>
  findViolations(
    { processes, circumstances: { ...QUIET, ...circumstances }, commits: COMMITS },
    TERMS,
  ).map(({ kind }) => kind);

const OLD = ['older than promised'];

describe('the checker of fleets', () => {
  test('allows the issuer nothing older from the moment its call has resolved, queued or not', () => {
    const issuer = (began: number, counted = 1000): ProcessHistory =>
      process({ reads: [read(began, 0)], invalidations: [told(1, 1000, { counted })] });
    expect(check([issuer(1001)])).toEqual(OLD);
    expect(check([issuer(1001, Infinity)])).toEqual(OLD);
    expect(check([issuer(999)])).toEqual([]);
  });

  test('allows others what a message takes while all is calm', () => {
    const calms = [{ from: 1000, to: 2000 }];
    const pair = (began: number, lag = 0): readonly ProcessHistory[] => [
      process({ invalidations: [told(1, 1000)] }),
      process({ reads: [read(began, 0)], lags: [{ from: 1000, to: 1300, most: lag }] }),
    ];
    expect(check(pair(1100), { calms })).toEqual([]);
    expect(check(pair(1101), { calms })).toEqual(OLD);
    expect(check(pair(1101, 50), { calms })).toEqual([]);
    expect(check(pair(1151, 50), { calms })).toEqual(OLD);
    // It ends after the calm, or was told before.
    expect(check(pair(2000), { calms })).toEqual([]);
    expect(check(pair(1500), { calms: [{ from: 1001, to: 2000 }] })).toEqual([]);
  });

  test('allows others the window, and nothing beyond it', () => {
    const reader = (began: number): ProcessHistory => process({ reads: [read(began, 0)] });
    const issuer = process({ name: 'b', invalidations: [told(1, 1000)] });
    expect(check([reader(1000 + WINDOW), issuer])).toEqual([]);
    expect(check([reader(1001 + WINDOW), issuer])).toEqual(OLD);
  });

  test('counts what was queued from its replay, and what never was replayed not at all', () => {
    const reader = process({ reads: [read(9000, 0)] });
    const issuer = (counted: number): ProcessHistory =>
      process({ name: 'b', invalidations: [told(1, 1000, { counted })] });
    expect(check([reader, issuer(5000)])).toEqual(OLD);
    expect(check([reader, issuer(6000)])).toEqual([]);
    expect(check([reader, issuer(Infinity)])).toEqual([]);
  });

  test('lengthens the window by the lag of the reader and by the delivery, not by what is long past', () => {
    const reader = (lagTo: number): ProcessHistory =>
      process({ reads: [read(4500, 0)], lags: [{ from: 100, to: lagTo, most: 500 }] });
    const issuer = process({ name: 'b', invalidations: [told(1, 1000)] });
    expect(check([reader(1100), issuer])).toEqual([]);
    expect(check([reader(900), issuer])).toEqual(OLD);
    const delays = [{ from: 2000, to: 2100, most: 500 }];
    expect(check([reader(900), issuer], { delays })).toEqual([]);
    expect(check([reader(900), issuer], { lags: delays })).toEqual([]);
  });

  test('allows an isolated process what memory may serve, and only while it is', () => {
    const reader = (began: number, to: number): ProcessHistory =>
      process({ reads: [read(began, 0)], isolations: [{ from: 1000, to }] });
    const issuer = process({ name: 'b', invalidations: [told(1, 1000)] });
    expect(check([reader(6000, 7000), issuer])).toEqual([]);
    expect(check([reader(6000, 5999), issuer])).toEqual(OLD);
    expect(check([reader(6200, 7000), issuer])).toEqual(OLD);
  });

  test('lets soft invalidations be served stale, by the issuer as well', () => {
    const soft = told(1, 1000, { soft: true });
    const issuer = (began: number): ProcessHistory =>
      process({ reads: [read(began, 0)], invalidations: [soft] });
    expect(check([issuer(1800)])).toEqual([]);
    expect(check([issuer(1801)])).toEqual(OLD);
    const other = process({ name: 'b', invalidations: [soft] });
    const reader = (began: number): ProcessHistory => process({ reads: [read(began, 0)] });
    expect(check([reader(1800 + WINDOW), other])).toEqual([]);
    expect(check([reader(1801 + WINDOW), other])).toEqual(OLD);
    const newcomer = { ...reader(1801 + WINDOW), lags: [{ from: 1001, to: 1100, most: 0 }] };
    expect(check([newcomer, other])).toEqual([]);
  });

  test('counts what a rollback may have lost from when its issuer has told the server again', () => {
    const rollbacks = [{ kept: 900, stopped: 2000, back: 2200 }];
    const reader = process({ reads: [read(9000, 0)] });
    const issuer = (settled?: number): ProcessHistory =>
      process({
        name: 'b',
        invalidations: [told(1, 1000)],
        recoveries: settled === undefined ? [] : [{ replaced: 2300, settled }],
      });
    expect(check([reader, issuer(5000)], { rollbacks })).toEqual(OLD);
    expect(check([reader, issuer(6000)], { rollbacks })).toEqual([]);
    expect(check([reader, issuer()], { rollbacks })).toEqual([]);
    // Made before the copy, or read before the rollback: nothing was lost.
    const kept = [{ kept: 1001, stopped: 2000, back: 2200 }];
    expect(check([reader, issuer()], { rollbacks: kept })).toEqual(OLD);
    const later = [{ kept: 900, stopped: 9500, back: 9600 }];
    expect(check([reader, issuer()], { rollbacks: later })).toEqual(OLD);
  });

  test('finds a version that was not committed when the read ended', () => {
    expect(check([process({ reads: [read(800, 1, 899)] })])).toEqual(['never committed']);
    expect(check([process({ reads: [read(800, 1, 901)] })])).toEqual([]);
    expect(check([process({ reads: [read(800, 7)] })])).toEqual(['never committed']);
  });

  test('is satisfied with a version that is as new, whoever committed it', () => {
    const reader = process({ reads: [read(9000, 2)] });
    const issuers = [told(1, 1000), told(2, 1100)].map((one, index) =>
      process({ name: `b${index}`, invalidations: [one] }),
    );
    expect(check([reader, ...issuers])).toEqual([]);
    expect(check([process({ reads: [read(9000, 1)] }), ...issuers])).toEqual(OLD);
  });

  test('tells how far behind the reads were that kept the promise', () => {
    const reader = process({ reads: [read(1200, 0), read(1300, 1)] });
    const issuer = process({ name: 'b', invalidations: [told(1, 1000)] });
    const history = { processes: [reader, issuer], circumstances: QUIET, commits: COMMITS };
    expect(longestStaleness(history)).toBe(200);
  });
});
