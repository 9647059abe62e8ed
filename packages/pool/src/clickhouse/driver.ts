import { MissingDriverError } from '@perf/core';
import type { ClickHouseDriver } from './client.ts';

const PACKAGE = '@clickhouse/client';
const NEEDED_BY = '@perf/pool/clickhouse';

/**
 * The driver that is installed beside this package.
 * @throws {@link MissingDriverError} when there is none
 */
export async function loadDriver(): Promise<ClickHouseDriver> {
  try {
    // A variable, so that neither the compiler nor a bundler insists on an optional package.
    const specifier: string = PACKAGE;
    const { createClient, parseError } = (await import(specifier)) as Partial<ClickHouseDriver>;
    if (createClient === undefined || parseError === undefined) {
      throw new Error(`${PACKAGE} is too old`);
    }
    return { createClient, parseError };
  } catch (cause) {
    throw new MissingDriverError(PACKAGE, NEEDED_BY, { cause });
  }
}
