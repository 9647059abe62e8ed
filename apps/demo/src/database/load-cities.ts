import type { Pool } from 'pg';
import type { City } from '../dataset/city.ts';
import { CREATE_INDEXES, CREATE_TABLE } from './schema.ts';

/** Rows per statement. */
const BATCH = 5000;

/** One array per column, so that a batch is one statement with nine parameters. */
const INSERT = `
  INSERT INTO cities
  SELECT * FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::int[], $8::double precision[], $9::double precision[])`;

/**
 * Makes the table, the rows and the indexes, in one transaction.
 * @param onProgress is told how many rows are in
 * @param signal ends the loading between two batches; nothing is kept then
 */
export async function loadCities(
  pool: Pool,
  cities: readonly City[],
  onProgress: (rows: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('BEGIN');
    await client.query(CREATE_TABLE);
    for (let from = 0; from < cities.length; from += BATCH) {
      signal.throwIfAborted();
      const rows = cities.slice(from, from + BATCH);
      await client.query(INSERT, toColumns(rows));
      onProgress(from + rows.length);
    }
    for (const statement of CREATE_INDEXES) {
      signal.throwIfAborted();
      await client.query(statement);
    }
    await client.query('COMMIT');
    failed = false;
  } finally {
    // A connection in the middle of a transaction does not go back to the pool.
    client.release(failed);
  }
}

function toColumns(rows: readonly City[]): unknown[] {
  return [
    rows.map((row) => row.id),
    rows.map((row) => row.name),
    rows.map((row) => row.searchName),
    rows.map((row) => row.country),
    rows.map((row) => row.admin),
    rows.map((row) => row.feature),
    rows.map((row) => row.population),
    rows.map((row) => row.latitude),
    rows.map((row) => row.longitude),
  ];
}
