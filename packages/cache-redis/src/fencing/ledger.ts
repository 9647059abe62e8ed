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
import { isReply } from '../client/driver-errors.ts';
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
const LIMIT = ['LIMIT', '0', String(PAGE)] as const;
/** The number and the id of the head. */
const HEAD = /^h(\d+) (.+)$/;
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
      ({ script }) => {
        const news = call.news?.bump(members);
        return script({
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
        });
      },
      call,
    );
    const [id, prev, seq] = itemsOf(reply);
    return { id: String(id), prev: Number(prev), seq: Number(seq) };
  }

  /** A plain command while there is a ledger with few news; the script else. */
  async delta(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    const rows = await this.#runner.run(
      'delta',
      ({ plain }) =>
        plain('ZRANGEBYSCORE', this.#key, `(${position.seq}`, '+inf', 'WITHSCORES', ...LIMIT).catch(
          // What lies there is no ledger; the script says so, or makes one.
          (error: unknown) => (isReply(error) ? [] : Promise.reject(error)),
        ),
      call,
    );
    return readDelta(rows) ?? this.#deltaByScript(position, call);
  }

  async #deltaByScript(position: LedgerPosition, call: StoreCall): Promise<LedgerDelta> {
    const reply = await this.#runner.run(
      'delta',
      ({ script }) =>
        script({
          script: DELTA,
          keys: [this.#key],
          args: [this.#newId(), String(position.seq), String(PAGE)],
        }),
      call,
    );
    const [id, highest, ...rows] = itemsOf(reply).map(String);
    const seq = Number(highest);
    const last = rows.length === 0 ? seq : Number(rows.at(-1));
    return deltaOf(id ?? '', seq, readFacts(rows), last >= seq);
  }

  #newId(): string {
    this.#made++;
    return `${this.#origin}${this.#made.toString(36)}`;
  }
}

/** What a range of the ledger tells; `undefined` when it is without its head: lost, or longer than a page. */
function readDelta(reply: unknown): LedgerDelta | undefined {
  const rows = itemsOf(reply).map(String);
  const head = HEAD.exec(rows.at(-2) ?? '');
  if (head === null) return undefined;
  return deltaOf(head[2] ?? '', Number(head[1]), readFacts(rows), true);
}

function deltaOf(
  id: string,
  seq: number,
  facts: readonly LedgerFact[],
  complete: boolean,
): LedgerDelta {
  return { id, facts, seq, drops: [], drop: 0, gap: false, complete };
}

/** @param rows members and their numbers, in turn */
function readFacts(rows: readonly string[]): readonly LedgerFact[] {
  const facts: LedgerFact[] = [];
  for (let index = 0; index < rows.length; index += 2) {
    const member = rows[index] ?? '';
    const kind = KINDS[member.charAt(0)];
    // The head; or of a newer version of this package, and then it concerns nothing that this one stores.
    if (kind === undefined) continue;
    facts.push({ kind, name: member.slice(1), seq: Number(rows[index + 1]) });
  }
  return facts;
}
