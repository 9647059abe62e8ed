import { createDeferred, type Deferred } from '@perf/core';
import type { KeyNames } from '../keys.ts';
import type { FromMember, Order } from '../messages.ts';
import type { Notes } from './notes.ts';
import type { Hold, Operations } from './operations.ts';

export interface OrderParts {
  readonly operations: Operations;
  readonly notes: Notes;
  readonly keys: KeyNames;
  readonly join: () => Promise<void>;
  readonly tell: (message: FromMember) => void;
}

/** Does single operations when it is told to, and stops within them where it is told to. */
export class Orders {
  readonly #parts: OrderParts;
  readonly #held = new Map<number, Deferred<void>>();

  constructor(parts: OrderParts) {
    this.#parts = parts;
  }

  async obey(id: number, { act, key, held = false }: Order): Promise<void> {
    const { operations, notes, keys, join, tell } = this.#parts;
    const hold: Hold = held ? () => this.#hold(id) : atOnce;
    try {
      if (act === 'get') await operations.get([key]);
      else if (act === 'load') await operations.load(key, hold);
      else if (act === 'delete') await operations.delete([key]);
      else if (act === 'set') await operations.set(key);
      else if (act === 'writeThrough') await operations.writeThrough(key, atOnce, hold);
      else if (act === 'invalidateTag') await operations.invalidateTag(keys.tagOf(key), false);
      else if (act === 'join') await join();
      else await notes.settled();
      tell({ kind: 'done', id });
    } catch (error) {
      tell({ kind: 'done', id, error: String(error) });
    }
  }

  letGo(id: number): void {
    this.#held.get(id)?.resolve();
    this.#held.delete(id);
  }

  #hold(id: number): Promise<void> {
    const held = createDeferred();
    this.#held.set(id, held);
    this.#parts.tell({ kind: 'held', id });
    return held.promise;
  }
}

function atOnce(): Promise<void> {
  return Promise.resolve();
}
