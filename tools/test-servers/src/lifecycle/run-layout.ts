import { join } from 'node:path';

/** The place of one server: all its files, gone when it is released. */
export interface RunFolder {
  readonly path: string;
  /** Readable and writable by the server only; its working directory. */
  readonly home: string;
  readonly log: string;
  /** Holds the number of the server's process. */
  readonly pidFile: string;
  /** Names the process whose end is also the server's. */
  readonly ownerFile: string;
}

/** What every run folder's name begins with. */
export const RUN_FOLDER_PREFIX = 'perf-run-';

/** The paths in a run folder. */
export function layoutOf(path: string): RunFolder {
  return {
    path,
    home: join(path, 'home'),
    log: join(path, 'log'),
    pidFile: join(path, 'server.pid'),
    ownerFile: join(path, 'owner.json'),
  };
}
