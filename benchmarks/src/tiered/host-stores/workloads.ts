/** What is timed in SQLite, with values of 1 kB, and in files, with values of 10 kB. */
export const WORKLOADS = {
  sqlite: { get: 'sqlite get', set: 'sqlite set' },
  files: { get: 'files get', set: 'files set' },
} as const;

/** The kinds of stores. */
export type HostKind = keyof typeof WORKLOADS;
