import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether we may execute the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folders of a `PATH`, in order. */
export function foldersOnPath(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** The program of that name in the first folder that has it. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}
