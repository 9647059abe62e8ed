import { checkInteger, checkKnown } from '@perf/core';
import type { ClickHouseServer } from './clickhouse-server.ts';
import { findEngine } from './engine.ts';
import { connectExternalClickHouse } from './external-clickhouse.ts';
import { startLocalClickHouse } from './local-clickhouse.ts';

/** Options of {@link startClickHouse}. */
export interface StartClickHouseOptions {
  /** Milliseconds until a start that is not ready counts as failed; fetching the engine does not count. @default 60_000 */
  readonly startTimeout?: number;
  /** Where `PERF_CLICKHOUSE_URL` is read. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The variable that holds the address of a server to use instead. */
export const CLICKHOUSE_URL_VARIABLE = 'PERF_CLICKHOUSE_URL';

/**
 * A ClickHouse of its own on 127.0.0.1, ready when this resolves: a free port, a temporary folder, a random
 * password. Taken from, in this order: the server at `PERF_CLICKHOUSE_URL` (used as it is), the npm package `chdb`,
 * which is the engine without its HTTP interface, fetched once (150 MB, 550 MB on disk) into a cache folder and put
 * behind one of ours, in a process of its own. What was written survives `kill()`, not a power cut.
 * @throws {@link TestServerError} when it cannot be had, or does not start in time
 */
export async function startClickHouse(
  options: StartClickHouseOptions = {},
): Promise<ClickHouseServer> {
  checkKnown('startClickHouse', options, ['startTimeout', 'env']);
  const { startTimeout = 60_000, env = process.env } = options;
  checkInteger('startTimeout', startTimeout);
  const address = env[CLICKHOUSE_URL_VARIABLE];
  if (address !== undefined && address !== '') {
    return connectExternalClickHouse(address, CLICKHOUSE_URL_VARIABLE, startTimeout);
  }
  return startLocalClickHouse(await findEngine(), startTimeout);
}

/**
 * Why {@link startClickHouse} would find no server here; `undefined` when it finds one. Fetches the engine if need be.
 * For tests that are skipped, loudly, where there is none.
 */
export async function clickHouseIsMissing(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const address = env[CLICKHOUSE_URL_VARIABLE];
  if (address !== undefined && address !== '') return undefined;
  try {
    await findEngine();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
