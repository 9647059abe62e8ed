import { randomBytes } from 'node:crypto';
import type {
  BumpReply,
  LedgerDelta,
  LedgerFact,
  LedgerKind,
  LedgerMember,
  LedgerPosition,
  StoreCall,
} from '@perf/cache-core';
import type { KeySpace } from '../keys/key-space.ts';
import { BUMP, DELTA } from '../scripts/ledger-scripts.ts';
import { itemsOf } from '../scripts/reply.ts';
import type { ScriptRunner } from '../batching/script-runner.ts';

/** How many members a ledger has before it forgets the oldest of them. */
export interface LedgerBounds {
  readonly tags: number;
  readonly patterns: number;
}

const BOUNDS: LedgerBounds = { tags: 10_000, patterns: 64 };
/** Members in one reply. */
const PAGE = 1000;
const ID_BYTES = 9;

const LETTERS: Readonly<Record<LedgerKind, string>> = {
  all: 'f',
  tag: 't',
  soft: 's',
  pattern: 'p',
};
const KINDS: Readonly<Record<string, LedgerKind>> = { f: 'all', t: 'tag', s: 'soft', p: 'pattern' };

/** The ledger of one prefix, in Redis. */
export class Ledger {
  readonly #runner: ScriptRunner;
  readonly #key: string;
  readonly #bounds: LedgerBounds;
  /** Names a ledger that has to be made, together with a number: never twice the same. */
  readonly #origin = randomBytes(ID_BYTES).toString('base64url');
  #made = 0;

  constructor(runner: ScriptRunner, { ledger }: KeySpace, bounds: LedgerBounds = BOUNDS) {
    this.#runner = runner;
    this.#key = ledger;
    this.#bounds = bounds;
  }

  async bump(
    members: readonly LedgerMember[],
    reached: number,
    call: StoreCall,
  ): Promise<BumpReply> {
    if (members.length === 0) {
      // Nothing would carry the new number, and readers would take the ledger for rolled back.
      const { id, seq } = await this.delta({ seq: reached, drop: 0 }, call);
      return { id, prev: seq, seq };
    }
    const reply = await this.#runner.run(
      'bump',
      () => {
        const news = call.news?.bump(members);
        return {
          script: BUMP,
          keys: [this.#key],
          args: [
            this.#newId(),
            String(reached),
            call.news?.channel ?? '',
            news?.before ?? '',
            news?.after ?? '',
            String(this.#bounds.tags),
            String(this.#bounds.patterns),
            ...members.map(({ kind, name }) => `${LETTERS[kind]}${name}`),
          ],
        };
      },
      call,
    );
    const [id, prev, seq] = itemsOf(reply);
    return { id: String(id), prev: Number(prev), seq: Number(seq) };
  }

  async delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    const reply = await this.#runner.run(
      'delta',
      () => ({
        script: DELTA,
        keys: [this.#key],
        args: [this.#newId(), String(position.seq), String(PAGE)],
      }),
      call,
    );
    const [id, highest, ...rows] = itemsOf(reply).map(String);
    const seq = Number(highest);
    const facts: LedgerFact[] = [];
    for (let index = 0; index < rows.length; index += 2) {
      const member = rows[index] ?? '';
      const kind = KINDS[member.charAt(0)];
      // Of a newer version of this package, perhaps; it concerns nothing that this one stores.
      if (kind === undefined) continue;
      facts.push({ kind, name: member.slice(1), seq: Number(rows[index + 1]) });
    }
    const last = rows.length === 0 ? seq : Number(rows.at(-1));
    const complete = last >= seq;
    return { id: id ?? '', facts, seq, drops: [], drop: 0, gap: false, complete };
  }

  #newId(): string {
    this.#made++;
    return `${this.#origin}${this.#made.toString(36)}`;
  }
}
