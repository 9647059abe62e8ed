import type { CallScope } from '../ordering/call-scope.ts';
import type { Entries } from './entries.ts';
import { listFolder, unless } from '../disk/file-calls.ts';
import { SHARDS, entryNames } from '../disk/layout.ts';
import { KnownKeys } from './known-keys.ts';
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

/** Finds keys by walking the shards, and reading the heads of those files whose keys are not known yet. */
export class KeyScan {
  readonly #parts: StoreParts;
  readonly #entries: Entries;
  readonly #known = new KnownKeys();

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
    const { order } = this.#parts;
    const keys: string[] = [];
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const found = await Promise.all(
        names
          .slice(from, from + AT_ONCE)
          .map(
            async (name) =>
              this.#knownKey(name) ?? order.run(scope, name, false, () => this.#key(name)),
          ),
      );
      for (const key of found) if (key?.startsWith(prefix) === true) keys.push(key);
    }
    return keys;
  }

  /** Without looking at the file, where this process knows that it has not expired. */
  #knownKey(name: string): string | undefined {
    const { index, options } = this.#parts;
    const { until = -Infinity } = index.get(name) ?? {};
    return until > options.clock.epoch() ? this.#known.get(name) : undefined;
  }

  async #key(name: string): Promise<string | undefined> {
    const entry = await this.#entries.head(name);
    if (entry === undefined) return undefined;
    const key = Buffer.from(entry.key).toString();
    this.#known.add(name, key);
    return entry.head.until > this.#parts.options.clock.epoch() ? key : undefined;
  }
}
