import { getBorderCharacters, table } from 'table';
import type { ResultRow } from './target.ts';

const HEAD = ['id', 'what', 'ours', 'peer', 'value', 'must', 'reach', 'hits %', 'result'];

/** One line per row. */
export function resultTable(rows: readonly ResultRow[]): string {
  return plainTable([HEAD, ...rows.map(cells)], 2);
}

/** @param left how many columns, from the left, are words */
export function plainTable(rows: readonly (readonly string[])[], left: number): string {
  return table(rows, {
    border: getBorderCharacters('norc'),
    columnDefault: { alignment: 'right' },
    columns: Array.from({ length: left }, () => ({ alignment: 'left' as const })),
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  });
}

function cells(row: ResultRow): string[] {
  const peer = row.peer === null ? '–' : `${figure(row.peer)} ${row.unit}`;
  return [
    row.id,
    row.what,
    row.ours === null ? '–' : `${figure(row.ours)} ${row.unit}`,
    row.peerName === '' ? '' : `${row.peerName} ${peer}`,
    row.value === null ? '–' : judged(row, row.value),
    `${row.bound === 'at least' ? '≥' : '≤'} ${judged(row, row.must)}`,
    judged(row, row.reach),
    row.hit === null ? '' : hits(row.hit),
    verdict(row),
  ];
}

function judged(row: ResultRow, value: number): string {
  if (row.judged === 'ratio') return `${value.toFixed(2)} ×`;
  return row.judged === 'difference' ? `${value.toFixed(2)} points` : figure(value);
}

function hits({ ours, peer, must }: NonNullable<ResultRow['hit']>): string {
  const bar = must === undefined ? '' : `, ≥ ${must.toFixed(1)}`;
  return `${ours.toFixed(1)} (${peer.toFixed(1)}${bar})`;
}

function verdict(row: ResultRow): string {
  if (row.skipped !== null) return `skipped: ${row.skipped}`;
  if (!row.pass) return 'falls short';
  const reached =
    row.value !== null &&
    (row.bound === 'at least' ? row.value >= row.reach : row.value <= row.reach);
  return reached ? 'reach' : 'must';
}

function figure(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(2);
}
