import { Peer } from './peer.ts';

/** How long a number may be missing before that is a gap: messages of different connections overtake each other. */
export const GRACE = 250;
/** How long a peer, or the way of its messages, may be silent before that is a gap. */
export const SILENCE = 3000;
/** How many peers are followed. */
const MOST_FOLLOWED = 10_000;

/**
 * The other instances that publish on the bus, and whether anything of theirs was missed. All
 * methods that hear something answer false for a gap; the peer is then followed anew.
 */
export class Peers {
  readonly #followed = new Map<string, Peer>();
  /** Until when somebody who was not heard yet may have died with a message that was missed. */
  #settlingUntil: number | undefined;

  get size(): number {
    return this.#followed.size;
  }

  /** A numbered message has arrived. */
  hear(from: string, number: number, now: number): boolean {
    const peer = this.#followed.get(from);
    if (peer === undefined) {
      this.#follow(from, number, now);
      // Of one that begins nothing can have been missed.
      return number === 1 || this.#settlingUntil !== undefined;
    }
    if (peer.hear(number, now)) return true;
    this.#follow(from, number, now);
    return false;
  }

  /** A peer tells which was its last number. */
  told(from: string, number: number, now: number): boolean {
    const peer = this.#followed.get(from);
    if (peer === undefined) {
      this.#follow(from, number, now);
      return number === 0 || this.#settlingUntil !== undefined;
    }
    peer.told(number, now);
    return true;
  }

  /** A peer says goodbye; what is still missing of its messages may yet arrive. */
  leave(from: string, number: number, now: number): boolean {
    const known = this.told(from, number, now);
    const peer = this.#followed.get(from);
    if (peer !== undefined) peer.leaving = true;
    return known;
  }

  /** Looks for what has been missing, and who has been silent, for too long. False when there was anything. */
  check(now: number): boolean {
    let complete = this.#settlingUntil === undefined || now < this.#settlingUntil;
    if (!complete) this.#settlingUntil = undefined;
    for (const [from, peer] of this.#followed) {
      const { missingSince, heardAt, leaving, highest } = peer;
      if (missingSince !== undefined && now - missingSince >= GRACE) {
        complete = false;
        const anew = new Peer(highest, heardAt);
        anew.leaving = leaving;
        this.#followed.set(from, anew);
      } else if (missingSince === undefined && (leaving || now - heardAt >= SILENCE)) {
        complete &&= leaving;
        this.#followed.delete(from);
      }
    }
    return complete;
  }

  /** Until when all have been heard often enough, and whoever was not heard yet has had the time to be. */
  trustedUntil(): number {
    let oldest = Infinity;
    for (const { heardAt, leaving } of this.#followed.values()) {
      if (!leaving) oldest = Math.min(oldest, heardAt);
    }
    return Math.min(oldest + SILENCE, this.#settlingUntil ?? Infinity);
  }

  /**
   * Nobody is known yet, and whoever is heard was there before. What they lose meanwhile, and whom nobody
   * hears of, is one gap when they have had the time to be heard.
   */
  begin(now: number): void {
    this.#followed.clear();
    this.#settlingUntil = now + SILENCE;
  }

  #follow(from: string, upTo: number, now: number): void {
    this.#followed.delete(from);
    this.#followed.set(from, new Peer(upTo, now));
    if (this.#followed.size <= MOST_FOLLOWED) return;
    // Its next message finds it unknown, which is a gap.
    const [longest] = this.#followed.keys();
    if (longest !== undefined) this.#followed.delete(longest);
  }
}
