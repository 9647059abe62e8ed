import type { LedgerKind, LedgerMember } from '../contracts/store-fencing.ts';

/** The first word of every message; another one is of a version that this one does not understand. */
const VERSION = '1';

/** What instances tell each other; `from` is the publisher, made anew with every cache. */
export type BusMessage =
  /** The keys were changed. Numbered from 1, so that a missing one is noticed. */
  | {
      readonly kind: 'drop';
      readonly from: string;
      readonly number: number;
      readonly keys: readonly string[];
    }
  /** The members were invalidated, where there is no shared ledger. Numbered together with drops. */
  | {
      readonly kind: 'void';
      readonly from: string;
      readonly number: number;
      readonly members: readonly LedgerMember[];
    }
  /** The members carry the number `seq` in the ledger `id`, whose highest one was `prev`. */
  | {
      readonly kind: 'bump';
      readonly from: string;
      readonly id: string;
      readonly prev: number;
      readonly seq: number;
      readonly members: readonly LedgerMember[];
    }
  /** The loads under these tickets are over. May be lost. */
  | { readonly kind: 'ended'; readonly from: string; readonly tickets: readonly string[] }
  /**
   * Every number up to `number` has been published or given up; the ledger was seen up to `reached`.
   * `sent`, in whole milliseconds, means something to its publisher alone.
   */
  | {
      readonly kind: 'beat';
      readonly from: string;
      readonly number: number;
      readonly id: string;
      readonly reached: number;
      readonly sent: number;
    }
  /** A publisher begins to listen, and would like to hear a beat of every other one. */
  | { readonly kind: 'hello'; readonly from: string }
  /** A publisher ends; `number` was its last. */
  | { readonly kind: 'bye'; readonly from: string; readonly number: number };

/** Stands for a ledger that is not known yet. */
const NO_LEDGER = '-';
const KINDS: readonly LedgerKind[] = ['all', 'tag', 'soft', 'pattern'];

export function formatDrop(from: string, number: number, keys: readonly string[]): string {
  return `${VERSION} drop ${from} ${number} ${JSON.stringify(keys)}`;
}

export function formatVoid(from: string, number: number, members: readonly LedgerMember[]): string {
  return `${VERSION} void ${from} ${number} ${membersText(members)}`;
}

/** The text around the ledger's id and its two numbers, which only the store knows. */
export function formatBump(
  from: string,
  members: readonly LedgerMember[],
): { readonly before: string; readonly after: string } {
  return { before: `${VERSION} bump ${from} `, after: ` ${membersText(members)}` };
}

export function formatEnded(from: string, tickets: readonly string[]): string {
  return `${VERSION} ended ${from} ${JSON.stringify(tickets)}`;
}

export function formatBeat({
  from,
  number,
  id,
  reached,
  sent,
}: Omit<Extract<BusMessage, { kind: 'beat' }>, 'kind'>): string {
  return `${VERSION} beat ${from} ${number} ${id === '' ? NO_LEDGER : id} ${reached} ${sent}`;
}

export function formatHello(from: string): string {
  return `${VERSION} hello ${from}`;
}

export function formatBye(from: string, number: number): string {
  return `${VERSION} bye ${from} ${number}`;
}

/** `undefined` for what is not a message of this version. */
export function parseMessage(text: string): BusMessage | undefined {
  const [version, kind, from, ...rest] = splitWords(text, 3);
  if (version !== VERSION || from === undefined || from === '') return undefined;
  const tail = rest[0] ?? '';
  try {
    return parseKind(kind, from, tail);
  } catch {
    return undefined;
  }
}

function parseKind(kind: string | undefined, from: string, tail: string): BusMessage | undefined {
  if (kind === 'drop') {
    const [number, keys] = splitWords(tail, 1);
    return { kind, from, number: toNumber(number, 1), keys: toStrings(keys) };
  }
  if (kind === 'void') {
    const [number, members] = splitWords(tail, 1);
    return { kind, from, number: toNumber(number, 1), members: toMembers(members) };
  }
  if (kind === 'bump') {
    const [id = '', prev, seq, members] = splitWords(tail, 3);
    return {
      kind,
      from,
      id,
      prev: toNumber(prev, 0),
      seq: toNumber(seq, 1),
      members: toMembers(members),
    };
  }
  if (kind === 'ended') return { kind, from, tickets: toStrings(tail) };
  if (kind === 'beat') {
    const [number, id = '', reached, sent] = splitWords(tail, 3);
    return {
      kind,
      from,
      number: toNumber(number, 0),
      id: id === NO_LEDGER ? '' : id,
      reached: toNumber(reached, 0),
      sent: toNumber(sent, 0),
    };
  }
  if (kind === 'hello') return { kind, from };
  if (kind === 'bye') return { kind, from, number: toNumber(tail, 0) };
  return undefined;
}

/** `count` words and the rest, as far as there are any. */
function splitWords(text: string, count: number): string[] {
  const words: string[] = [];
  let start = 0;
  while (words.length < count) {
    const end = text.indexOf(' ', start);
    if (end === -1) break;
    words.push(text.slice(start, end));
    start = end + 1;
  }
  words.push(text.slice(start));
  return words;
}

function toNumber(word: string | undefined, least: number): number {
  const number = Number(word);
  if (word === undefined || word === '' || !Number.isSafeInteger(number) || number < least) {
    throw new TypeError('not a number of a message');
  }
  return number;
}

function toStrings(json: string | undefined): readonly string[] {
  const strings: unknown = JSON.parse(json ?? '');
  if (Array.isArray(strings) && strings.every((one) => typeof one === 'string')) return strings;
  throw new TypeError('not a list of strings');
}

function membersText(members: readonly LedgerMember[]): string {
  return JSON.stringify(members.map(({ kind, name }) => [kind, name]));
}

function toMembers(json: string | undefined): readonly LedgerMember[] {
  const pairs: unknown = JSON.parse(json ?? '');
  if (!Array.isArray(pairs)) throw new TypeError('not a list of members');
  return pairs.map((pair: unknown) => {
    const [kind, name] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (typeof name !== 'string') throw new TypeError('not a member');
    const known = KINDS.find((one) => one === kind);
    if (known === undefined) throw new TypeError('not a kind of member');
    return { kind: known, name };
  });
}
