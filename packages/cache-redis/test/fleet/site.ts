import type { ClientSource } from '../../src/index.ts';

/** How a process reaches Redis. */
export interface Way {
  readonly store: ClientSource;
  readonly bus: ClientSource;
}

/** The Redis that a fleet is on, of whatever kind. */
export interface Site {
  /** The way of whoever is at that place in the fleet. */
  wayOf(slot: number): Way;
  /** Ends what is wrong, and waits until everything answers again. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}
