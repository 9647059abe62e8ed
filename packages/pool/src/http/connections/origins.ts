import { Admission } from '../../admission/admission.ts';
import type { HttpPoolSettings } from '../options.ts';
import type { Connection } from './connection.ts';

/** One origin: who may send requests to it, and the connections to it that lie unused. */
export class Origin {
  readonly name: string;
  readonly admission: Admission<true>;
  /** The one that was used last is at the end. */
  readonly idle: Connection[] = [];
  /** Why the last connection could not be made. */
  trouble: unknown;
  /** Calls that wait or are under way, and connections in use. */
  users = 0;

  constructor(name: string, { name: pool, clock, maxPerOrigin, acquireTimeout }: HttpPoolSettings) {
    this.name = name;
    this.admission = new Admission<true>(
      {
        name: `${pool}: ${name}`,
        clock,
        limit: maxPerOrigin,
        maxQueue: Infinity,
        acquireTimeout,
      },
      { take: () => true, wanted: () => false, trouble: () => this.trouble },
    );
  }
}

/** The origins that somebody uses, or that connections are kept to: as many as there are calls and connections at the most. */
export class Origins {
  readonly #settings: HttpPoolSettings;
  readonly #byName = new Map<string, Origin>();

  constructor(settings: HttpPoolSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#byName.size;
  }

  [Symbol.iterator](): Iterator<Origin> {
    return this.#byName.values();
  }

  /** To be followed by one {@link leave}. */
  enter(name: string): Origin {
    let origin = this.#byName.get(name);
    if (origin === undefined) {
      origin = new Origin(name, this.#settings);
      this.#byName.set(name, origin);
    }
    origin.users++;
    return origin;
  }

  leave(origin: Origin): void {
    origin.users--;
    this.forget(origin);
  }

  /** Drops one that nobody needs. */
  forget(origin: Origin): void {
    if (origin.users > 0 || origin.idle.length > 0) return;
    origin.admission.close();
    if (this.#byName.get(origin.name) === origin) this.#byName.delete(origin.name);
  }

  close(): void {
    for (const { admission } of this.#byName.values()) admission.close();
  }
}
