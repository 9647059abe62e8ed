import { checkKnown, checkString, systemClock, type Clock } from '@perf/core';

/** Options of {@link createBusHub}. */
export interface BusHubOptions {
  /** What delays are measured by. @default systemClock */
  readonly clock?: Clock;
  /** What it claims to be. @default 'reference' */
  readonly medium?: string;
}

/** A message that was published. */
export interface HubMessage {
  readonly channel: string;
  readonly text: string;
}

/** Somebody whom the hub passes messages on to. */
export interface HubMember {
  readonly channel: string;
  receive(text: string): void;
}

/**
 * What the instances of a `referenceBus` share: the place of a server that passes messages on. Stores made
 * with it publish on it. Everybody who listens is given a message while it is being published.
 */
export class BusHub {
  readonly clock: Clock;
  readonly medium: string;
  readonly #members = new Set<HubMember>();
  #messages: HubMessage[] = [];
  readonly #toPass: HubMessage[] = [];

  constructor(options: BusHubOptions = {}) {
    checkKnown('bus hub', options, ['clock', 'medium']);
    this.clock = options.clock ?? systemClock;
    this.medium = checkString('medium', options.medium ?? 'reference');
  }

  /** Every message so far, in order. */
  get messages(): readonly HubMessage[] {
    return this.#messages;
  }

  /** Empties {@link messages}. */
  forgetMessages(): void {
    this.#messages = [];
  }

  publish(channel: string, text: string): void {
    this.#messages.push({ channel, text });
    this.#toPass.push({ channel, text });
    // What a member publishes because of a message comes behind it, for everybody.
    if (this.#toPass.length > 1) return;
    for (let next = this.#toPass[0]; next !== undefined; next = this.#toPass[0]) {
      this.#pass(next);
      this.#toPass.shift();
    }
  }

  /** @returns what ends it */
  join(member: HubMember): () => void {
    this.#members.add(member);
    return () => {
      this.#members.delete(member);
    };
  }

  #pass({ channel, text }: HubMessage): void {
    const members = [...this.#members];
    for (const member of members) {
      if (member.channel === channel && this.#members.has(member)) member.receive(text);
    }
  }
}

/** What one or several `referenceBus`es, and stores that announce, share. */
export function createBusHub(options: BusHubOptions = {}): BusHub {
  return new BusHub(options);
}
