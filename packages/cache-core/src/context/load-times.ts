/** The weight of the newest load in the mean. */
const NEWEST = 0.1;

/** How long loads take lately. */
export class LoadTimes {
  /** Milliseconds; 0 before the first load. */
  mean = 0;
  #any = false;

  add(duration: number): void {
    this.mean = this.#any ? this.mean + NEWEST * (duration - this.mean) : duration;
    this.#any = true;
  }
}
