import { isAbort, isTimeout, reportClassifierError } from '../execution/outcome.ts';
import type { CallContext } from '../execution/call-context.ts';
import { start } from '../execution/gate-policy.ts';
import type {
  ExecuteOptions,
  Execution,
  ResiliencePolicy,
} from '../execution/resilience-policy.ts';
import { RescuePolicy } from '../execution/rescue-policy.ts';
import { fallbackSettings, type FallbackOptions, type FallbackSettings } from './options.ts';
import { FALLBACK_EVENTS, type FallbackEvents, type FallbackSnapshot } from './telemetry.ts';

/** Answers with something else when a call fails. */
export interface Fallback<F> extends ResiliencePolicy<FallbackSnapshot, FallbackEvents> {
  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T>;
  /** As `execute`, with the type of what may come instead. */
  executeOr<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T | F>;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const policy = fallback({ to: () => [] });
 * const offers = await policy.executeOr(() => loadOffers());
 */
export function fallback<F>(options: FallbackOptions<F>): Fallback<F> {
  return new FallbackPolicy(fallbackSettings(options));
}

class FallbackPolicy<F>
  extends RescuePolicy<FallbackSnapshot, FallbackEvents>
  implements Fallback<F>
{
  readonly #settings: FallbackSettings<F>;
  #succeeded = 0;
  #fallbacks = 0;
  #failedFallbacks = 0;
  #passed = 0;

  constructor(settings: FallbackSettings<F>) {
    super(settings, FALLBACK_EVENTS);
    this.#settings = settings;
  }

  executeOr<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T | F> {
    return this.execute<T | F>(fn, options);
  }

  override wants(ok: boolean, result: unknown, call: CallContext): boolean {
    if (ok) {
      this.#succeeded++;
      return false;
    }
    const isGivenUp = call.aborted ? !isTimeout(call.reason) : isAbort(result);
    const isWanted = !isGivenUp && this.#isFor(result);
    if (!isWanted) this.#passed++;
    return isWanted;
  }

  #isFor(error: unknown): boolean {
    try {
      return this.#settings.when?.(error) !== false;
    } catch (thrown) {
      reportClassifierError(thrown);
      return true;
    }
  }

  override rescue(_ok: boolean, result: unknown, call: CallContext): Promise<unknown> {
    this.#fallbacks++;
    if (this.events.has('fallback')) {
      this.events.emit('fallback', { policy: this.name, error: result });
    }
    return start((context) => this.#settings.to(result, context), call).catch((error: unknown) => {
      this.#failedFallbacks++;
      throw error;
    });
  }

  snapshot(): FallbackSnapshot {
    return {
      name: this.name,
      totals: {
        succeeded: this.#succeeded,
        fallbacks: this.#fallbacks,
        failedFallbacks: this.#failedFallbacks,
        passed: this.#passed,
      },
    };
  }
}
