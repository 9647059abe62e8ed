export const OURS = '@perf';
/** The same again on data of its own: what differs is noise. */
export const CONTROL = '@perf, second copy';
export const KEYV = '@keyv/sqlite';
export const RAW_SQLITE = 'better-sqlite3';
export const CACACHE = 'cacache';
export const PLAIN_FILES = 'plain files';
