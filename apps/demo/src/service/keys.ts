import type { PopulationChange } from '../database/answers.ts';

/** The shortest prefix that is searched for; {@link affectedBy} builds on it. */
export const MIN_PREFIX = 2;

/** Under which key each answer is cached. */
export const keys = {
  city: (id: number): string => `city:${id}`,
  search: (prefix: string): string => `search:${prefix}`,
  nearest: (latitude: number, longitude: number, count: number): string =>
    `nearest:${latitude}:${longitude}:${count}`,
  country: (code: string): string => `country:${code}`,
} as const;

/** What has to be forgotten after a city's population has changed. */
export interface Affected {
  readonly keys: readonly string[];
  /** Every key that begins so. */
  readonly prefixes: readonly string[];
}

/**
 * A changed population changes the city, its country, and any search that lists it, or now will: the
 * prefixes of its name, which all begin with the same letters.
 */
export function affectedBy(change: PopulationChange): Affected {
  const start = Array.from(change.searchName).slice(0, MIN_PREFIX).join('');
  return {
    keys: [keys.city(change.id), keys.country(change.country)],
    prefixes: [keys.search(start)],
  };
}
