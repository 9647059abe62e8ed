import { ConfigError, toMilliseconds, type Duration } from '@perf/core';
import { z } from 'zod';

/** Whole numbers, as text. */
function count(least: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least));
}

/** Milliseconds, from a time as text whose bare numbers have a unit of their own. `off` is a text for never. */
function time(bare: 's' | 'ms', off?: string): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    if (text === off) return Infinity;
    try {
      return toMilliseconds('time', (/^[\d.]+$/.test(text) ? text + bare : text) as Duration);
    } catch {
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    }
  });
}

const factor: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,6})?$/)
  .transform(Number)
  .pipe(z.number().min(1));

/** A variable that is understood. */
export type Variable =
  | 'DATABASE_POOL_SIZE'
  | 'DATABASE_MAX_OVERFLOW'
  | 'DATABASE_POOL_TIMEOUT'
  | 'DATABASE_POOL_RECYCLE'
  | 'MAX_DATABASE_CONNS'
  | 'MAX_IDLE_DATABASE_CONNS'
  | 'MAX_HTTP_CONNS'
  | 'MAX_HTTP_CONNS_PER_HOST'
  | 'RETRY_MAX_ATTEMPTS'
  | 'RETRY_BACKOFF_MULTIPLIER'
  | 'RETRY_INITIAL_BACKOFF';

interface Form {
  /** In words. */
  readonly is: string;
  readonly schema: z.ZodType<number, string>;
}

/** What each variable may be. */
const VARIABLES: Readonly<Record<Variable, Form>> = {
  DATABASE_POOL_SIZE: { is: 'a whole number of at least 1', schema: count(1) },
  DATABASE_MAX_OVERFLOW: { is: 'a whole number of at least 0', schema: count(0) },
  DATABASE_POOL_TIMEOUT: { is: `a time such as '30s', or seconds`, schema: time('s') },
  DATABASE_POOL_RECYCLE: {
    is: `a time such as '1h', or seconds; -1 for never`,
    schema: time('s', '-1'),
  },
  MAX_DATABASE_CONNS: { is: 'a whole number of at least 1', schema: count(1) },
  MAX_IDLE_DATABASE_CONNS: { is: 'a whole number of at least 0', schema: count(0) },
  MAX_HTTP_CONNS: { is: 'a whole number of at least 1', schema: count(1) },
  MAX_HTTP_CONNS_PER_HOST: { is: 'a whole number of at least 1', schema: count(1) },
  RETRY_MAX_ATTEMPTS: { is: 'a whole number of at least 1', schema: count(1) },
  RETRY_BACKOFF_MULTIPLIER: { is: 'a number of at least 1', schema: factor },
  RETRY_INITIAL_BACKOFF: { is: `a time such as '100ms', or milliseconds`, schema: time('ms') },
};

/** The values of those that are set; times in milliseconds. */
export type VariableValues = Readonly<Partial<Record<Variable, number>>>;
/** What `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is set; empty text is not. @throws {@link ConfigError} naming the variable that is refused */
export function readVariables(env: Environment): VariableValues {
  const values: Partial<Record<Variable, number>> = {};
  for (const name of Object.keys(VARIABLES) as Variable[]) {
    const text = env[name]?.trim() ?? '';
    if (text === '') continue;
    const { is, schema } = VARIABLES[name];
    const parsed = schema.safeParse(text);
    if (!parsed.success) throw new ConfigError(name, text, is);
    values[name] = parsed.data;
  }
  return values;
}
