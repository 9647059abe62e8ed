const SECOND = 1000;

/**
 * An amount per second; `NaN` when no time has passed, or a total fell, as that of the network does when an interface is taken away.
 * @param elapsed in milliseconds
 */
export function perSecond(amount: number, elapsed: number): number {
  return elapsed > 0 && amount >= 0 ? (amount / elapsed) * SECOND : Number.NaN;
}
