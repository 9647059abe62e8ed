import type { CallScope } from '../ordering/call-scope.ts';
import type { Entries } from './entries.ts';
import { listFolder, unless } from '../disk/file-calls.ts';
import { SHARDS, entryNames } from '../disk/layout.ts';
import type { StoreParts } from '../store-parts.ts';

/** How many files one page looks at, and how many shards: a caller waits for each page but a moment. */
const FILES_PER_PAGE = 128;
const SHARDS_PER_PAGE = 16;
/** How many heads are read side by side. */
const AT_ONCE = 16;

/** The pages of one iteration. A page is a bounded amount of work, whether it finds anything or not. */
export interface KeyPages {
  /** `undefined` at the end. */
  next(scope: CallScope): Promise<readonly string[] | undefined>;
}

/** Finds keys by walking the shards and reading the heads of their files. */
export class KeyScan {
  readonly #parts: StoreParts;
  readonly #entries: Entries;

  constructor(parts: StoreParts, entries: Entries) {
    this.#parts = parts;
    this.#entries = entries;
  }

  pages(prefix: string): KeyPages {
    const shards = SHARDS.values();
    let names: string[] = [];
    return {
      next: async (scope) => {
        let walked = 0;
        for (; walked < SHARDS_PER_PAGE && names.length < FILES_PER_PAGE; walked++) {
          scope.check();
          const shard = shards.next();
          if (shard.done === true) break;
          names.push(...(await this.#names(shard.value)));
        }
        if (walked === 0 && names.length === 0) return undefined;
        const page = names.slice(0, FILES_PER_PAGE);
        names = names.slice(FILES_PER_PAGE);
        return this.#keys(page, prefix, scope);
      },
    };
  }

  async #names(shard: string): Promise<readonly string[]> {
    const root = await this.#parts.folder.open();
    if ((await this.#entries.shard(root, shard.slice(-2))) !== 'folder') return [];
    return entryNames(shard, await unless(listFolder(`${root}/${shard}`), [], 'ENOENT'));
  }

  async #keys(
    names: readonly string[],
    prefix: string,
    scope: CallScope,
  ): Promise<readonly string[]> {
    const { options, order } = this.#parts;
    const keys: string[] = [];
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const found = await Promise.all(
        names
          .slice(from, from + AT_ONCE)
          .map((name) => order.run(scope, name, false, () => this.#entries.head(name))),
      );
      const now = options.clock.epoch();
      for (const entry of found) {
        if (entry === undefined || entry.head.until <= now) continue;
        const key = Buffer.from(entry.key).toString();
        if (key.startsWith(prefix)) keys.push(key);
      }
    }
    return keys;
  }
}
