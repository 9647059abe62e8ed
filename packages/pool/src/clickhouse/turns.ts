import { acquireChannel } from '../admission/acquire-channel.ts';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import { Admission, type Supply } from '../admission/admission.ts';
import { PoolClosedError } from '../errors.ts';
import { LeakWatch, type Holding } from '../leaks/leak-watch.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import type { ClickHousePoolSettings } from './options.ts';
import type { ClickHouseEmitter } from './telemetry.ts';

/** The right to have one request under way. */
const PERMIT: unique symbol = Symbol('permit');

/** A turn that is out. */
export interface Turn {
  /** Gives it back; nothing happens at the second time. */
  end(): void;
}

/** Who may have a request under way: permits that are never short, since the admission's limit is what bounds them. */
export class Turns {
  readonly admission: Admission<typeof PERMIT>;
  readonly leaks: LeakWatch | undefined;
  readonly useTimes: TimingWindow;
  /** Why the server could not be reached, until it can. */
  lastTrouble: unknown;
  readonly #settings: ClickHousePoolSettings;
  #isClosing = false;

  constructor(settings: ClickHousePoolSettings, events: ClickHouseEmitter) {
    const { name, clock, max, leakThreshold, leakStacks } = settings;
    this.#settings = settings;
    this.admission = new Admission(
      { ...settings, limit: max },
      new Permits(() => this.lastTrouble),
    );
    this.useTimes = new TimingWindow(clock);
    if (leakThreshold !== Infinity) {
      this.leaks = new LeakWatch({
        name,
        clock,
        threshold: leakThreshold,
        stacks: leakStacks,
        onLeak: (event) => {
          events.leak(event);
        },
        onReturn: (event) => {
          events.emit('leakReturned', event);
        },
      });
    }
  }

  /** Lets nobody in any more but those who {@link take} for the pool itself. */
  closeToCallers(): void {
    this.#isClosing = true;
  }

  /** @throws {@link PoolClosedError} after {@link closeToCallers} */
  assertOpen(): void {
    if (!this.#isClosing) return;
    this.admission.rejected++;
    throw new PoolClosedError(this.#settings.name);
  }

  /** @param holding as `leaks.begin()` gave it where the caller called */
  async take(options: AcquireOptions, holding: Holding | undefined): Promise<Turn> {
    await this.#acquire(options);
    if (holding !== undefined) this.leaks?.add(holding);
    let isOut = true;
    return {
      end: () => {
        if (!isOut) return;
        isOut = false;
        if (holding !== undefined && this.leaks !== undefined) {
          this.useTimes.add(this.leaks.remove(holding));
        }
        this.admission.release();
      },
    };
  }

  async #acquire(options: AcquireOptions): Promise<void> {
    if (!acquireChannel.active) {
      await this.admission.acquire(options);
      return;
    }
    const { name: pool, clock } = this.#settings;
    const since = clock.now();
    const tell = (error: unknown): void => {
      acquireChannel.publish({ pool, waited: clock.now() - since, error });
    };
    try {
      await this.admission.acquire(options);
    } catch (error) {
      tell(error);
      throw error;
    }
    tell(undefined);
  }
}

/** Never short. */
class Permits implements Supply<typeof PERMIT> {
  readonly #trouble: () => unknown;

  constructor(trouble: () => unknown) {
    this.#trouble = trouble;
  }

  take(): typeof PERMIT {
    return PERMIT;
  }

  wanted(): boolean {
    return false;
  }

  trouble(): unknown {
    return this.#trouble();
  }
}
