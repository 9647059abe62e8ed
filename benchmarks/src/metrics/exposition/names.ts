export const SCRAPE = 'scrape of 10,000 series';
export const OURS = 'ours';
export const PROM_CLIENT = 'prom-client';
