/** The reading endpoints. */
export const ENDPOINTS = ['city', 'search', 'nearest', 'country'] as const;
/** One of {@link ENDPOINTS}. */
export type Endpoint = (typeof ENDPOINTS)[number];

/** A distinct request. */
export interface PlannedRequest {
  readonly endpoint: Endpoint;
  readonly path: string;
}
