import { abortable, deadlineSignal, type Clock, type Timer } from '@perf/core';
import type { InvalidationBus } from '../contracts/invalidation-bus.ts';
import type { BumpReply, LedgerMember } from '../contracts/store-fencing.ts';
import type { Announcer } from './announcer.ts';
import {
  formatBeat,
  formatBye,
  formatHello,
  parseMessage,
  type BusMessage,
} from './bus-message.ts';
import { Peers, SILENCE } from './peers.ts';

/** How often an instance says that it lives, in milliseconds. */
const BEAT = 1000;
/** How often missing numbers and silence are looked for. */
const CHECK = 250;
/** The shortest time between two beats, however many say hello. */
const SHORTEST_BEAT = 50;

/** How long the bus may take to close. */
const CLOSE_TIMEOUT = 5000;

/** What a {@link BusMember} tells its cache. */
export interface BusMemberListener {
  /** Others have changed these keys. */
  onDrop(keys: readonly string[]): void;
  /** Others have bumped the shared ledger. */
  onBump(members: readonly LedgerMember[], reply: BumpReply): void;
  /** Others have invalidated these, and there is no shared ledger to ask. */
  onVoid(members: readonly LedgerMember[]): void;
  /** Loads of others are over. */
  onEnded(tickets: readonly string[]): void;
  /** How far another instance has seen the shared ledger. */
  onPosition(id: string, reached: number): void;
  /** Up to now, something may have been missed. */
  onGap(): void;
  /** Since the last gap, nothing was missed up to now. */
  onEcho(): void;
  /** The bus could not be closed. */
  onError(error: unknown): void;
}

/** What a {@link BusMember} needs beside its bus. */
export interface BusMemberOptions {
  readonly clock: Clock;
  readonly listener: BusMemberListener;
  /** How far this instance has seen the shared ledger. */
  readonly position: () => { readonly id: string; readonly reached: number };
}

/**
 * One instance on the bus: says that it lives, and finds out when something of the others may have
 * been missed: a number, a beat, or its own echo. See `docs/protocol.md`.
 */
export class BusMember {
  readonly announcer: Announcer;
  readonly #bus: InvalidationBus;
  readonly #options: BusMemberOptions;
  readonly #peers = new Peers();
  #connected = false;
  #closed = false;
  /** When the last of its own beats that were heard was sent: what was published before has come, too. */
  #heardOwn = Number.NEGATIVE_INFINITY;
  /** Whether its own beats do not come back, though the connection stands. */
  #silent = false;
  #beating = false;
  #beatAt = Number.NEGATIVE_INFINITY;
  #trustedUntil = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(bus: InvalidationBus, announcer: Announcer, options: BusMemberOptions) {
    this.#bus = bus;
    this.announcer = announcer;
    this.#options = options;
  }

  /** The bus's name. */
  get name(): string {
    return this.#bus.name;
  }

  /** Monotonic time up to which nothing can have been missed; −∞ while messages are not heard. */
  get trustedUntil(): number {
    return this.#trustedUntil;
  }

  /** Whether the bus has a connection on which messages are heard. */
  get connected(): boolean {
    return this.#connected && !this.#silent;
  }

  /** How many other instances are heard. */
  get others(): number {
    return this.#peers.size;
  }

  open(): void {
    this.#bus.open({
      onMessage: (text) => {
        if (!this.#closed) this.#hear(text);
      },
      onConnected: () => {
        if (!this.#closed) this.#arrive();
      },
      onDisconnected: () => {
        if (this.#connected && !this.#closed) this.#lose();
      },
    });
    this.#watch();
  }

  /** Says goodbye and closes the bus. Never rejects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#trustedUntil = Number.NEGATIVE_INFINITY;
    const { published } = this.announcer;
    if (this.connected) await this.announcer.publish(formatBye(this.announcer.name, published));
    this.#connected = false;
    const { clock, listener } = this.#options;
    const deadline = deadlineSignal(clock, `close of bus "${this.name}"`, CLOSE_TIMEOUT);
    try {
      await abortable(this.#bus.close(), deadline.signal);
    } catch (error) {
      listener.onError(error);
    } finally {
      deadline.release();
    }
  }

  #hear(text: string): void {
    const message = parseMessage(text);
    // Whoever speaks another version may have said anything.
    if (message === undefined) this.#gap();
    else if (message.from === this.announcer.name) this.#hearOwn(message);
    else if (!this.#hearOther(message)) this.#gap();
  }

  #hearOwn(message: BusMessage): void {
    if (message.kind !== 'beat') return;
    this.#heardOwn = Math.max(this.#heardOwn, message.sent);
    // On a connection that lags so far behind, it proves nothing of now.
    if (this.#options.clock.now() - this.#heardOwn >= SILENCE) return;
    if (this.#silent) {
      this.#silent = false;
      this.#gap();
    } else {
      this.#trust();
      this.#options.listener.onEcho();
    }
  }

  /** False when something of its sender was missed. */
  #hearOther(message: BusMessage): boolean {
    const { clock, listener } = this.#options;
    const now = clock.now();
    const { kind, from } = message;
    switch (kind) {
      case 'drop':
        listener.onDrop(message.keys);
        return this.#peers.hear(from, message.number, now);
      case 'void':
        listener.onVoid(message.members);
        return this.#peers.hear(from, message.number, now);
      case 'bump':
        listener.onBump(message.members, message);
        return true;
      case 'ended':
        listener.onEnded(message.tickets);
        return true;
      case 'beat':
        listener.onPosition(message.id, message.reached);
        return this.#peers.told(from, message.number, now);
      case 'bye':
        return this.#peers.leave(from, message.number, now);
      default:
        if (now - this.#beatAt >= SHORTEST_BEAT) this.#beat();
        return true;
    }
  }

  /** Messages are heard from now on; what came before may have been missed. */
  #arrive(): void {
    this.#connected = true;
    this.#silent = false;
    this.#heardOwn = this.#options.clock.now();
    this.#peers.begin(this.#heardOwn);
    this.#gap();
    void this.announcer.publish(formatHello(this.announcer.name));
    this.#beat();
  }

  #lose(): void {
    this.#connected = false;
    this.#gap();
  }

  #gap(): void {
    this.#trust();
    this.#options.listener.onGap();
  }

  #trust(): void {
    this.#trustedUntil = this.connected
      ? Math.min(this.#heardOwn + SILENCE, this.#peers.trustedUntil())
      : Number.NEGATIVE_INFINITY;
  }

  /** One timer for beats, missing numbers and silence. */
  #watch(): void {
    this.#timer = this.#options.clock.setTimer(() => {
      if (this.#connected) this.#check();
      this.#watch();
    }, CHECK);
  }

  #check(): void {
    const now = this.#options.clock.now();
    if (!this.#silent && now - this.#heardOwn >= SILENCE) {
      this.#silent = true;
      this.#gap();
      this.#bus.reconnect?.();
    }
    if (!this.#peers.check(now)) this.#gap();
    this.#trust();
    if (now - this.#beatAt >= BEAT) this.#beat();
  }

  #beat(): void {
    // One that is not taken in time is not followed by more.
    if (this.#beating) return;
    this.#beating = true;
    this.#beatAt = this.#options.clock.now();
    const { name: from, published: number } = this.announcer;
    const sent = Math.floor(this.#beatAt);
    const beat = formatBeat({ from, number, sent, ...this.#options.position() });
    void this.announcer.publish(beat).finally(() => {
      this.#beating = false;
    });
  }
}
