import { toSearchName } from '../dataset/city.ts';
import { MIN_PREFIX } from '../service/keys.ts';
import { badParameter, HttpError } from './http-error.ts';

/** The largest value of PostgreSQL's `integer`. */
const MAX_INTEGER = 2_147_483_647;
const MAX_PREFIX = 40;
const MAX_COUNT = 50;

/** Refuses parameters that are unknown or given twice, so that a misspelt one is not ignored. */
export function checkParameters(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw badParameter(JSON.stringify(name), `one of ${known.join(', ') || 'none'}`);
    }
    if (query.getAll(name).length > 1) throw badParameter(name, 'given once');
  }
}

/** A city's number. */
export function cityId(text: string): number {
  return integer('id', text, 1, MAX_INTEGER);
}

/** A country's code, in capitals. */
export function countryCode(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text)) throw badParameter('code', 'two letters, such as DE');
  return text.toUpperCase();
}

/** The start of a name as names are searched: lower case without accents. */
export function searchPrefix(text: string | null): string {
  const prefix = toSearchName(text ?? '').trimStart();
  const length = Array.from(prefix).length;
  // PostgreSQL's text cannot hold NUL, nor any encoding a lone surrogate.
  const storable = !prefix.includes('\0') && prefix.isWellFormed();
  if (!storable || length < MIN_PREFIX || length > MAX_PREFIX) {
    throw badParameter('prefix', `${MIN_PREFIX} to ${MAX_PREFIX} characters`);
  }
  return prefix;
}

/** Degrees, rounded to 0.01. */
export function latitude(text: string | null): number {
  return degrees('lat', text, 90);
}

/** Degrees, rounded to 0.01. */
export function longitude(text: string | null): number {
  return degrees('lon', text, 180);
}

/** How many lines are asked for. @default 10 */
export function count(text: string | null): number {
  return text === null ? 10 : integer('k', text, 1, MAX_COUNT);
}

/** The population in a request's body: `{ "population": 1000 }`. */
export function populationIn(body: unknown): number {
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const [field, ...rest] = fields;
  if (field === undefined || rest.length > 0 || field[0] !== 'population') {
    throw new HttpError(400, 'bad_body', 'the body must be {"population": <number>}');
  }
  const [, value] = field as [string, unknown];
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > MAX_INTEGER) {
    throw badParameter('population', `a whole number from 0 to ${MAX_INTEGER}`);
  }
  return Number(value);
}

function integer(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw badParameter(name, `a whole number from ${min} to ${max}`);
  }
  return value;
}

function degrees(name: string, text: string | null, limit: number): number {
  const value = /^[+-]?\d{1,3}(?:\.\d{1,15})?$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!(Math.abs(value) <= limit)) {
    throw badParameter(name, `degrees from -${limit} to ${limit}`);
  }
  const rounded = Math.round(value * 100) / 100;
  return rounded === 0 ? 0 : rounded; // Not -0, which would be another key.
}
