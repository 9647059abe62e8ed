import { TestServerError } from '../errors.ts';

/** Who asks, and where. */
export interface ClickHouseAddress {
  /** Without user and password. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** How long a statement may take, in milliseconds. */
const REQUEST_TIMEOUT = 30_000;

/**
 * One statement over HTTP, on a connection of its own.
 * @returns the text of the result
 * @throws {@link TestServerError} with what the server answered
 */
export async function sendStatement(
  { url, username, password }: ClickHouseAddress,
  sql: string,
  timeout: number = REQUEST_TIMEOUT,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    body: sql,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      connection: 'close',
    },
    signal: AbortSignal.timeout(timeout),
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new TestServerError('clickhouse', `ClickHouse answered ${response.status}: ${text.trim()}`);
}
