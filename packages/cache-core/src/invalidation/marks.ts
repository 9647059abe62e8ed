import type { LedgerMember } from '../contracts/store-fencing.ts';
import { compilePattern, type KeyPattern } from './pattern.ts';

interface Mark {
  /** When it was set last, as a tick of the process. */
  at: number;
  /** How many invalidations hold it. */
  holders: number;
}

interface PatternMark extends Mark {
  readonly pattern: KeyPattern;
}

/**
 * The members whose invalidation was called for but is not in the ledger yet: one mark for each, however
 * many invalidations hold it. Soft ones have none.
 */
export class Marks {
  readonly #tags = new Map<string, Mark>();
  readonly #patterns = new Map<string, PatternMark>();
  readonly #all = new Map<string, Mark>();

  /** What the member concerns and began to be loaded before `at` is dead, until {@link release} has been called as often. */
  hold({ kind, name }: LedgerMember, at: number): void {
    if (kind === 'soft') return;
    if (kind === 'pattern') {
      let mark = this.#patterns.get(name);
      if (mark === undefined) {
        mark = { at, holders: 0, pattern: compilePattern(name) };
        this.#patterns.set(name, mark);
      }
      renew(mark, at);
      return;
    }
    const marks = kind === 'tag' ? this.#tags : this.#all;
    const mark = marks.get(name) ?? { at, holders: 0 };
    marks.set(name, mark);
    renew(mark, at);
  }

  /** Whether it was the last one that held the member's mark. */
  release({ kind, name }: LedgerMember): boolean {
    if (kind === 'soft') return false;
    const marks = { tag: this.#tags, pattern: this.#patterns, all: this.#all }[kind];
    const mark = marks.get(name);
    if (mark === undefined || --mark.holders > 0) return false;
    return marks.delete(name);
  }

  /** Whether an entry that began to be loaded at `born` is dead. */
  concern(key: string, tags: readonly string[], born: number): boolean {
    for (const { at } of this.#all.values()) if (at > born) return true;
    if (this.#tags.size > 0) {
      for (const tag of tags) if ((this.#tags.get(tag)?.at ?? -1) > born) return true;
    }
    for (const { at, pattern } of this.#patterns.values()) {
      if (at > born && pattern.matches(key)) return true;
    }
    return false;
  }
}

function renew(mark: Mark, at: number): void {
  mark.at = Math.max(mark.at, at);
  mark.holders++;
}
