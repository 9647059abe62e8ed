/** How many kinds of error are told apart in one episode. */
const MOST_KINDS = 8;

/** A service that fails, from when it began until it works again. */
export class Episode {
  readonly service: string;
  /** When it began, by the monotonic clock. */
  readonly since: number;
  /** It may have begun so early. */
  readonly earliest: number;
  /** When it was over; `undefined` while it lasts. */
  until: number | undefined;
  /** How many times the service began to fail in the time before in which that counts. */
  readonly before: number;
  readonly #kinds = new Map<string, number>();

  constructor(service: string, since: number, earliest: number, before: number) {
    this.service = service;
    this.since = since;
    this.earliest = earliest;
    this.before = before;
  }

  /** The kind of most of its errors. */
  get kind(): string {
    let kind = 'unknown';
    let most = 0;
    for (const [one, count] of this.#kinds) {
      if (count > most) [kind, most] = [one, count];
    }
    return kind;
  }

  failed(kind: string): void {
    const known = this.#kinds.has(kind) || this.#kinds.size < MOST_KINDS ? kind : 'other';
    this.#kinds.set(known, (this.#kinds.get(known) ?? 0) + 1);
  }
}
