import { parseArgs } from 'node:util';
import { checkInteger, ConfigError } from '@perf/core';

/** What the command line asks for. */
export interface DemoOptions {
  /** End after the measurement. */
  readonly once: boolean;
  /** Length of the request stream. */
  readonly requests: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** 0 for a free one. */
  readonly port: number;
  readonly help: boolean;
}

const DEFAULTS = { requests: 20_000, concurrency: 8, port: 0 } as const;

/** What `--help` prints. */
export const USAGE: string = `A service on real cities in a real PostgreSQL, with a tiered cache in front.

usage: demo [options]

  --once             end after the measurement; exit code 1 if an answer was ever wrong
  --requests <n>     length of the request stream, 100 to 10000000 (default ${DEFAULTS.requests})
  --concurrency <n>  requests under way at once, 1 to 256 (default ${DEFAULTS.concurrency})
  --port <n>         port of the service on 127.0.0.1 (default: a free one)
  --help             this text
`;

/**
 * The options in the arguments after the script's name.
 * @throws {@link ConfigError} naming an option with a wrong value; a TypeError of `node:util` for an
 * unknown or incomplete one
 */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    // Package managers pass the separator on.
    args: args[0] === '--' ? args.slice(1) : [...args],
    options: {
      once: { type: 'boolean', default: false },
      requests: { type: 'string' },
      concurrency: { type: 'string' },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    once: values.once,
    requests: number('--requests', values.requests, DEFAULTS.requests, 100, 10_000_000),
    concurrency: number('--concurrency', values.concurrency, DEFAULTS.concurrency, 1, 256),
    port: number('--port', values.port, DEFAULTS.port, 0, 65_535),
    help: values.help,
  };
}

function number(
  option: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,10}$/.test(text)) {
    throw new ConfigError(option, text, `a whole number from ${min} to ${max}`);
  }
  return checkInteger(option, Number(text), { min, max });
}
