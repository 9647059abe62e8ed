import type { CallScope } from '../ordering/call-scope.ts';
import type { Entries } from './entries.ts';
import { listFolder, unless } from '../disk/file-calls.ts';
import { SHARDS, entryNames } from '../disk/layout.ts';
import type { StoreParts } from '../store-parts.ts';

const PAGE = 500;
/** How many heads are read side by side. */
const AT_ONCE = 16;

/** The pages of one iteration; a page may be empty. */
export interface KeyPages {
  /** `undefined` at the end. Each page has a deadline of its own. */
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
        while (names.length < PAGE) {
          scope.check();
          const shard = shards.next();
          if (shard.done === true) break;
          names.push(...(await this.#names(shard.value)));
        }
        if (names.length === 0) return undefined;
        const page = names.slice(0, PAGE);
        names = names.slice(PAGE);
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
