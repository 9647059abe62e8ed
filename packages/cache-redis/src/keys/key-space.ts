import { checkString, ConfigError } from '@perf/core';

/** The longest prefix, in characters. */
const LONGEST_PREFIX = 100;
const FORM = /^[^\s{}\p{Cc}]+$/u;

/**
 * Where one store's keys are. The value of `k` is `{prefix:k}`, its ticket `{prefix:k}:t`: Redis Cluster
 * hashes what stands before the first closing brace, so both are on one slot, whatever `k` is. Values end in
 * a brace and tickets do not; the prefix has no brace, and the first colon ends it. So no key of one prefix
 * is one of another's.
 */
export class KeySpace {
  /** The ledger's key. */
  readonly ledger: string;
  readonly #head: string;

  /** @throws {@link ConfigError} when the prefix is not right */
  constructor(prefix: string) {
    const escaped = escapePrefix(prefix);
    this.#head = `{${escaped}:`;
    this.ledger = `{${escaped}}:ledger`;
  }

  valueOf(key: string): string {
    return `${this.#head}${key}}`;
  }

  ticketOf(key: string): string {
    return `${this.#head}${key}}:t`;
  }

  /** The values of all keys, then their tickets, as scripts take them. */
  valuesAndTickets(items: readonly { readonly key: string }[]): readonly string[] {
    return [
      ...items.map(({ key }) => this.valueOf(key)),
      ...items.map(({ key }) => this.ticketOf(key)),
    ];
  }

  /** The key whose value is there; `undefined` for what is no value of this store. */
  keyOf(redisKey: string): string | undefined {
    if (!redisKey.startsWith(this.#head) || !redisKey.endsWith('}')) return undefined;
    return redisKey.slice(this.#head.length, -1);
  }

  /** What `SCAN` finds the values and tickets of keys by that begin with `start`. */
  matching(start: string): string {
    return `${escapeGlob(this.#head + start)}*`;
  }
}

/** Where the instances of one cache tell each other what has changed, unless they are told otherwise. */
export function channelOf(prefix: string, database: number): string {
  // Redis has one space of channels for all databases.
  return `{${escapePrefix(prefix)}}:bus${database === 0 ? '' : `:${database}`}`;
}

function escapePrefix(prefix: string): string {
  checkString('prefix', prefix);
  if (prefix.length > LONGEST_PREFIX || !FORM.test(prefix)) {
    throw new ConfigError(
      'prefix',
      prefix,
      `1 to ${LONGEST_PREFIX} characters without braces, spaces and control characters`,
    );
  }
  return prefix.replaceAll('%', '%25').replaceAll(':', '%3A');
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
}
