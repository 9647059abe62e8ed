/** The table. It is filled before the indexes are made, which is faster. */
export const CREATE_TABLE = `
  CREATE TABLE cities (
    id integer PRIMARY KEY,
    name text NOT NULL,
    search_name text NOT NULL,
    country text NOT NULL,
    admin text NOT NULL,
    feature text NOT NULL,
    population integer NOT NULL CHECK (population >= 0),
    latitude double precision NOT NULL,
    longitude double precision NOT NULL
  )`;

/** `text_pattern_ops` serves LIKE 'prefix%' in a database of any collation. */
export const CREATE_INDEXES: readonly string[] = [
  'CREATE INDEX cities_search_name ON cities (search_name text_pattern_ops)',
  'CREATE INDEX cities_country ON cities (country)',
  'CREATE INDEX cities_latitude ON cities (latitude)',
  'ANALYZE cities',
];
