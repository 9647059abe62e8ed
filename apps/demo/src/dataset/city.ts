/** A row of the table `cities`. */
export interface City {
  /** GeoNames' number. */
  readonly id: number;
  readonly name: string;
  /** The name as it is searched for: see {@link toSearchName}. */
  readonly searchName: string;
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country: string;
  /** GeoNames' code of the first-order administrative division. */
  readonly admin: string;
  /** GeoNames' feature code, such as `PPLC` for a capital. */
  readonly feature: string;
  readonly population: number;
  readonly latitude: number;
  readonly longitude: number;
}

/** Lower case without accents: `São Paulo` is found by `sao`. */
export function toSearchName(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '');
}
