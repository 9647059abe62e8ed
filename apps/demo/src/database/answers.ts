/** A city as `GET /cities/:id` shows it. */
export interface CityAnswer {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly admin: string;
  readonly feature: string;
  readonly population: number;
  readonly latitude: number;
  readonly longitude: number;
  /** How many other cities lie within 50 km. */
  readonly neighbours: number;
}

/** One line of `GET /search`. */
export interface FoundCity {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly population: number;
}

/** One line of `GET /nearest`. */
export interface NearbyCity {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  /** In kilometres, to the metre. */
  readonly distance: number;
}

/** What `GET /countries/:code/stats` shows. */
export interface CountryStats {
  readonly country: string;
  readonly cities: number;
  readonly population: number;
  readonly mean: number;
  readonly median: number;
  /** How many places there are of each GeoNames feature code. */
  readonly features: Readonly<Record<string, number>>;
  readonly largest: readonly FoundCity[];
}

/** What an update changed. */
export interface PopulationChange {
  readonly id: number;
  readonly country: string;
  readonly searchName: string;
  readonly population: number;
}
