import type { Pool } from 'pg';
import type {
  CityAnswer,
  CountryStats,
  FoundCity,
  NearbyCity,
  PopulationChange,
} from './answers.ts';

/** Kilometres; the mean radius of the IUGG. */
const EARTH_RADIUS = 6371.0088;
const KM_PER_DEGREE = (EARTH_RADIUS * Math.PI) / 180;
/** How many lines a search returns. */
const SEARCH_LIMIT = 20;
/** How near is a neighbour, in kilometres. */
const NEIGHBOURHOOD = 50;
/** Degrees of latitude to look at on each side, until the answer is certain. */
const BANDS = [0.5, 2, 8, 180];

/** The great-circle distance in kilometres between a point and a row, by the haversine formula. */
function distanceTo(latitude: string, longitude: string, row: string): string {
  return `2 * ${EARTH_RADIUS} * asin(sqrt(least(1,
    sind((${row}.latitude - ${latitude}) / 2) ^ 2 +
    cosd(${latitude}) * cosd(${row}.latitude) * sind((${row}.longitude - ${longitude}) / 2) ^ 2)))`;
}

const CITY = `
  SELECT id, name, country, admin, feature, population, latitude, longitude,
    (SELECT count(*)::int - 1 FROM cities near
      WHERE near.latitude BETWEEN city.latitude - ${NEIGHBOURHOOD / KM_PER_DEGREE}
                              AND city.latitude + ${NEIGHBOURHOOD / KM_PER_DEGREE}
        AND ${distanceTo('city.latitude', 'city.longitude', 'near')} <= ${NEIGHBOURHOOD}) AS neighbours
  FROM cities city WHERE id = $1`;

const SEARCH = `
  SELECT id, name, country, population FROM cities
  WHERE search_name LIKE $1 ORDER BY population DESC, id LIMIT ${SEARCH_LIMIT}`;

const NEAREST = `
  SELECT id, name, country, latitude, longitude, round(distance::numeric, 3)::float8 AS distance
  FROM (
    SELECT *, ${distanceTo('$1::float8', '$2::float8', 'city')} AS distance
    FROM cities city WHERE latitude BETWEEN $1::float8 - $3::float8 AND $1::float8 + $3::float8
  ) AS band
  ORDER BY band.distance, id LIMIT $4`;

const COUNTRY = `
  WITH own AS MATERIALIZED (SELECT id, name, country, population, feature FROM cities WHERE country = $1)
  SELECT $1 AS country,
    count(*)::int AS cities,
    sum(population)::float8 AS population,
    round(avg(population))::float8 AS mean,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY population) AS median,
    (SELECT jsonb_object_agg(feature, n) FROM
      (SELECT feature, count(*)::int AS n FROM own GROUP BY feature) AS kinds) AS features,
    (SELECT jsonb_agg(top) FROM
      (SELECT id, name, country, population FROM own ORDER BY population DESC, id LIMIT 5) AS top) AS largest
  FROM own HAVING count(*) > 0`;

const UPDATE = `
  UPDATE cities SET population = $2 WHERE id = $1
  RETURNING id, country, search_name AS "searchName", population`;

/** Everything that is asked of the database. Values travel as parameters only. */
export class CityQueries {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** `null` if there is none of that number. */
  async city(id: number): Promise<CityAnswer | null> {
    const { rows } = await this.#pool.query<CityAnswer>(CITY, [id]);
    return rows[0] ?? null;
  }

  /** The largest cities whose search name begins with the prefix, largest first. */
  async search(prefix: string): Promise<readonly FoundCity[]> {
    const pattern = `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const { rows } = await this.#pool.query<FoundCity>(SEARCH, [pattern]);
    return rows;
  }

  /** The `count` nearest cities, nearest first. */
  async nearest(
    latitude: number,
    longitude: number,
    count: number,
  ): Promise<readonly NearbyCity[]> {
    for (const band of BANDS) {
      const { rows } = await this.#pool.query<NearbyCity>(NEAREST, [
        latitude,
        longitude,
        band,
        count,
      ]);
      // Whatever lies outside the band is farther than its width.
      const last = rows[count - 1];
      if (last !== undefined && last.distance <= band * KM_PER_DEGREE) return rows;
      if (band === BANDS.at(-1)) return rows;
    }
    return [];
  }

  /** `null` for a country without cities. */
  async countryStats(country: string): Promise<CountryStats | null> {
    const { rows } = await this.#pool.query<CountryStats>(COUNTRY, [country]);
    return rows[0] ?? null;
  }

  /** What changed; `null` if there is no such city. */
  async setPopulation(id: number, population: number): Promise<PopulationChange | null> {
    const { rows } = await this.#pool.query<PopulationChange>(UPDATE, [id, population]);
    return rows[0] ?? null;
  }

  /** Rejects when the database does not answer. */
  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }
}
