import {
  FOLDER,
  checkWritable,
  close,
  codeOf,
  listFolder,
  lstat,
  makeFolder,
  makeFolders,
  open,
  realPath,
  removeFolder,
  rename,
  unless,
  unlink,
} from './file-calls.ts';
import { trashPath } from './layout.ts';

/** What stands in a shard's place. */
export type ShardState = 'folder' | 'absent' | 'planted';

/** How many files of a folder are deleted side by side. */
const DELETED_AT_ONCE = 8;
/** Deeper folders were not made by this store; deleting stops there. */
const DEEPEST = 32;

/** The store's folder: made when needed and again when it has disappeared. */
export class Folder {
  readonly #path: string;
  #root: string | undefined;
  #opening: Promise<string> | undefined;
  #unplanting: Promise<boolean> = Promise.resolve(false);

  constructor(path: string) {
    this.#path = path;
  }

  /** The real path once the folder has been opened: later changes of links above it have no effect. */
  get root(): string | undefined {
    return this.#root;
  }

  /** Makes the folder unless it exists. Rejects when it can't be made; the next call tries again. */
  open(): Promise<string> {
    if (this.#root !== undefined) return Promise.resolve(this.#root);
    this.#opening ??= this.#make().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Makes the folder again after it was found missing. */
  reopen(): Promise<string> {
    this.#root = undefined;
    return this.open();
  }

  /** The folder, made again if it was removed, as a write would. Rejects when it can't be written to. */
  async openWritable(): Promise<string> {
    const root = await this.open();
    try {
      await checkWritable(root);
      return root;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const again = await this.reopen();
    await checkWritable(again);
    return again;
  }

  /** Makes a shard's folder, in place of whatever else stands there. */
  async makeShard(root: string, path: string): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const made = await unless(
        makeFolder(path).then(() => true),
        false,
        'EEXIST',
      );
      if (made || (await shardState(path)) === 'folder') return;
      await this.unplant(root, path);
    }
    throw new Error(`${path} is not a folder and cannot be replaced by one`);
  }

  /** Moves away what stands in a shard's place, if it still is no folder; whether it was moved. */
  unplant(root: string, path: string): Promise<boolean> {
    // One after another: the second of two would move away the folder that the first one led to.
    const result = this.#unplanting.then(
      async () => (await shardState(path)) === 'planted' && moveAside(root, path),
    );
    this.#unplanting = result.catch(() => false);
    return result;
  }

  async #make(): Promise<string> {
    await makeFolders(this.#path);
    this.#root = await realPath(this.#path);
    return this.#root;
  }
}

/** A link, even one to a folder, is `planted`: it is never followed. */
export async function shardState(path: string): Promise<ShardState> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'planted';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    throw error;
  }
}

/** Moves whatever it is (a link itself, not its target) to the trash; false if it is not there. */
export async function moveAside(root: string, path: string): Promise<boolean> {
  return unless(
    rename(path, trashPath(root)).then(() => true),
    false,
    'ENOENT',
  );
}

/** Removes a file or a link; a folder goes to the trash. False if nothing was there. */
export async function removeEntry(root: string, path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    if (code === 'EISDIR' || code === 'EPERM') return moveAside(root, path);
    throw error;
  }
}

/**
 * Deletes a file or a whole tree. Links are removed, never followed: every folder is opened as such
 * and, where the system has `/proc`, its files are named through that descriptor, so that a folder
 * exchanged for a link meanwhile leads nowhere else.
 * @param pause awaited between slices
 */
export async function removeTree(
  path: string,
  pause: () => Promise<void>,
  depth = 0,
): Promise<void> {
  if (await removed(path)) return;
  if (depth > DEEPEST) throw new Error(`${path} is nested too deeply to be deleted`);
  const fd = await unless(open(path, FOLDER), undefined, 'ENOENT', 'ENOTDIR', 'ELOOP');
  if (fd === undefined) return;
  try {
    const base = process.platform === 'linux' ? `/proc/self/fd/${fd}` : path;
    const files = await listFolder(base);
    for (let from = 0; from < files.length; from += DELETED_AT_ONCE) {
      const slice = files.slice(from, from + DELETED_AT_ONCE);
      const left = await Promise.all(
        slice.map(async (file) => ((await removed(`${base}/${file}`)) ? undefined : file)),
      );
      for (const file of left) {
        if (file !== undefined) await removeTree(`${base}/${file}`, pause, depth + 1);
      }
      await pause();
    }
  } finally {
    await close(fd);
  }
  await unless(removeFolder(path), undefined, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR');
}

/** Removes what is not a folder; true if nothing is left. */
async function removed(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return true;
    if (code === 'EISDIR' || code === 'EPERM') return false;
    throw error;
  }
}
