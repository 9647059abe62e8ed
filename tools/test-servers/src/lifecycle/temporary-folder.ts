import { rmSync } from 'node:fs';
import { checkString } from '@perf/core';
import { createRunFolder } from './run-folder.ts';
import { startWatchdog } from './watchdog.ts';

/** A folder that does not outlive our process, however that ends. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/**
 * An empty folder of mode 0700 under the system's temporary directory.
 * @param name appears in the folder's name
 */
export async function createTemporaryFolder(name: string): Promise<TemporaryFolder> {
  checkString('name', name);
  const folder = await createRunFolder(name, undefined);
  const watchdog = startWatchdog(folder.path, 'TERM');
  let removing: Promise<void> | undefined;
  const remove = (): Promise<void> => {
    removing ??= watchdog.release().then(() => {
      rmSync(folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    });
    return removing;
  };
  return { path: folder.home, remove, [Symbol.asyncDispose]: remove };
}
