import { codeOf, unlink } from '../disk/file-calls.ts';
import { moveAside, shardState } from '../disk/folder.ts';
import { entryPath, shardOf } from '../disk/layout.ts';
import type { StoreParts } from '../store-parts.ts';

/** How many entries one write evicts at most; the background does the rest. */
const EVICTED_PER_WRITE = 64;
/** How many victims may turn out busy or gone before the attempt is given up. */
const VAIN_ATTEMPTS = 32;

/** Keeps the store within its bounds. */
export class Evictor {
  readonly #parts: StoreParts;
  #background: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** The removal that goes on in the background. Never rejects. */
  get settled(): Promise<void> {
    return this.#background ?? Promise.resolve();
  }

  /**
   * Makes room for so much more; to be called from within a running operation. Never rejects and
   * never waits for another operation, so that two writes cannot wait for each other.
   */
  async makeRoom(entries = 0, bytes = 0): Promise<void> {
    await this.#evict(entries, bytes, EVICTED_PER_WRITE);
    if (this.#parts.index.exceeded(entries, bytes)) this.trim();
  }

  /** Removes what exceeds the bounds, in the background. */
  trim(): void {
    this.#background ??= this.#evict(0, 0, Infinity).finally(() => {
      this.#background = undefined;
    });
  }

  async #evict(entries: number, bytes: number, most: number): Promise<void> {
    const { index, options, order } = this.#parts;
    let vain = 0;
    for (let done = 0; done < most && vain < VAIN_ATTEMPTS;) {
      if (!index.exceeded(entries, bytes)) return;
      const name = index.nextVictim(options.clock.epoch());
      if (name === undefined) return;
      const removal = order.tryRun(name, () => this.#remove(name));
      if (removal !== undefined && (await removal)) done++;
      else vain++;
    }
  }

  async #remove(name: string): Promise<boolean> {
    const { counters, events, folder, index } = this.#parts;
    const usage = index.get(name);
    const { root } = folder;
    if (usage === undefined || root === undefined) return false;
    // Before the file is gone, so that evictions side by side don't count it twice.
    index.delete(name);
    try {
      if ((await shardState(`${root}/${shardOf(name)}`)) !== 'folder') return false;
      await removeFile(root, entryPath(root, name));
      counters.evicted++;
      return true;
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') {
        index.goneElsewhere(usage.bytes);
      } else {
        index.put(name, { ...usage, used: index.moment(this.#parts.options.clock.epoch()) });
        events.emit('error', { operation: 'evict', cause });
      }
      return false;
    }
  }
}

async function removeFile(root: string, path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EISDIR' && code !== 'EPERM') throw error;
    await moveAside(root, path);
  }
}
