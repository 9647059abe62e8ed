/** One object of a pool, from its creation to its end. */
export class Slot<T> {
  readonly value: T;
  /** When it is too old, by the clock. */
  readonly expiresAt: number;
  /** Since when it lies unused, by the clock. */
  idleSince: number;
  /** Whether nobody has had it yet. */
  isNew = true;
  /** Takes it from who holds it; `undefined` while nobody does. */
  holder: { revoke(): void } | undefined;

  constructor(value: T, expiresAt: number, now: number) {
    this.value = value;
    this.expiresAt = expiresAt;
    this.idleSince = now;
  }
}
