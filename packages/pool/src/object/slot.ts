import type { Holding } from '../leaks/leak-watch.ts';

/** Whoever takes back what a lease was for. */
export interface SlotHost<T> {
  /** The pool's name. */
  readonly name: string;
  /** @returns when it has been reset, if that takes a while */
  takeBack(slot: Slot<T>, isFit: boolean): Promise<void> | undefined;
}

/** One object of a pool, from its creation to its end. */
export class Slot<T> {
  readonly host: SlotHost<T>;
  readonly value: T;
  /** When it is too old, by the clock. */
  readonly expiresAt: number;
  /** Since when it lies unused, by the clock; kept where there are checks. */
  idleSince: number;
  /** How many sweeps in a row have found it unused. */
  sweeps = 0;
  /**
   * Counts up when somebody gets it and when it comes back, so it is odd while somebody has it. A lease remembers its turn, and is over
   * when this has gone on.
   */
  turn = 0;
  /** The pool has taken it away by force: whoever had it then may still give it back. */
  isRevoked = false;
  /** It has ended by itself. */
  isLost = false;
  /** Of who has it, while leaks are looked for. */
  holding: Holding | undefined;

  constructor(host: SlotHost<T>, value: T, expiresAt: number, now: number) {
    this.host = host;
    this.value = value;
    this.expiresAt = expiresAt;
    this.idleSince = now;
  }

  /** Whether nobody has had it yet. */
  get isNew(): boolean {
    return this.turn === 0;
  }

  /** Takes it away from who has it, if somebody has; it is destroyed. */
  revoke(): void {
    if (this.turn % 2 === 0) return;
    this.isRevoked = true;
    void this.giveBack(false);
  }

  giveBack(isFit: boolean): Promise<void> | undefined {
    this.turn++;
    return this.host.takeBack(this, isFit);
  }
}
