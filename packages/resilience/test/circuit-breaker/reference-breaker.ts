import type { Verdict } from '../../src/execution/outcome.ts';

export interface ReferenceOptions {
  readonly consecutiveFailures: number;
  readonly failureRate: number;
  readonly slowCallRate: number;
  readonly slowCallDuration: number;
  readonly window: { readonly calls: number } | { readonly time: number; readonly buckets: number };
  readonly minimumThroughput: number;
  readonly openPeriod: number;
  readonly openPeriodFactor: number;
  readonly maxOpenPeriod: number;
  readonly probes: number;
  readonly successThreshold: number;
  readonly probeTimeout: number;
}

interface Call {
  readonly term: object;
  readonly isProbe: boolean;
  readonly start: number;
  over: boolean;
}

interface Outcome {
  readonly at: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

/** What a circuit breaker does, said as simply as possible: it keeps everything and looks at all of it each time. */
export class ReferenceBreaker {
  state: 'closed' | 'open' | 'half-open' | 'isolated' = 'closed';
  reasons: string[] = [];
  readonly #o: ReferenceOptions;
  readonly #born: number;
  readonly #calls = new Map<number, Call>();
  /** A new object for each time that a state is entered. */
  #term = {};
  #since: number;
  #openFor = 0;
  #outcomes: Outcome[] = [];
  #succeeded = 0;
  #failed = 0;
  #recoveries = 0;
  #lastOpenPeriod = 0;
  #isolations = 0;
  #before = 'closed';

  constructor(options: ReferenceOptions, now: number) {
    this.#o = options;
    this.#born = now;
    this.#since = now;
  }

  /** Whether the call is let in. */
  start(id: number, now: number): boolean {
    if (this.state === 'open' && now >= this.#since + this.#openFor) {
      this.#enter('half-open', 'open-period-over', now);
    }
    if (this.state === 'half-open' && this.#slotsUsed() >= this.#o.probes) this.#expire(now);
    const isIn =
      this.state === 'closed' || (this.state === 'half-open' && this.#slotsUsed() < this.#o.probes);
    if (isIn)
      this.#calls.set(id, {
        term: this.#term,
        isProbe: this.state === 'half-open',
        start: now,
        over: false,
      });
    return isIn;
  }

  settle(id: number, verdict: Verdict, now: number): void {
    const call = this.#calls.get(id);
    // Whoever ends a probe finds out which are late.
    if (call?.isProbe === true) this.expireLate(now);
    if (call === undefined || call.over) return;
    call.over = true;
    if (call.term !== this.#term || verdict === 'ignore') return;
    const slow = now - call.start >= this.#o.slowCallDuration;
    const failed = verdict === 'failure';
    if (this.state === 'half-open') {
      if (failed || slow) this.#failed++;
      else this.#succeeded++;
      this.#judgeProbes(now);
    } else {
      this.#outcomes.push({ at: now, failed, slow });
      const reason = this.#reason(now);
      if (reason !== undefined) this.#open(reason, now);
    }
  }

  isolate(now: number): void {
    this.#isolations++;
    if (this.state === 'isolated') return;
    this.#before = this.state;
    this.#enter('isolated', 'isolate', now);
  }

  release(now: number): void {
    if (this.#isolations === 0 || --this.#isolations > 0) return;
    if (this.#before === 'closed') this.#lastOpenPeriod = 0;
    this.#enter(this.#before === 'closed' ? 'closed' : 'half-open', 'release', now);
  }

  reset(now: number): void {
    this.#isolations = 0;
    this.#lastOpenPeriod = 0;
    this.#enter('closed', 'reset', now);
  }

  window(now: number): { calls: number; failures: number; slow: number } {
    const within = this.#within(now);
    return {
      calls: within.length,
      failures: within.filter(({ failed }) => failed).length,
      slow: within.filter(({ slow }) => slow).length,
    };
  }

  /** Probes that are late have failed. */
  expireLate(now: number): void {
    if (this.state === 'half-open') this.#expire(now);
  }

  #expire(now: number): void {
    for (const call of this.#calls.values()) {
      if (call.term !== this.#term || call.over) continue;
      if (now - call.start < this.#o.probeTimeout) continue;
      call.over = true;
      this.#failed++;
    }
    this.#judgeProbes(now);
  }

  #judgeProbes(now: number): void {
    if (this.#succeeded >= this.#o.successThreshold) {
      this.#enter('closed', 'probes-succeeded', now);
    } else if (this.#failed > this.#o.probes - this.#o.successThreshold) {
      this.#open('probes-failed', now);
    }
  }

  #slotsUsed(): number {
    const pending = [...this.#calls.values()].filter(
      (call) => call.term === this.#term && !call.over,
    );
    return pending.length + this.#succeeded + this.#failed;
  }

  #within(now: number): readonly Outcome[] {
    const { window } = this.#o;
    if (this.#o.failureRate === Infinity && this.#o.slowCallRate === Infinity) return [];
    if ('calls' in window) return this.#outcomes.slice(-window.calls);
    const width = window.time / window.buckets;
    const bucket = (time: number): number => Math.floor((time - this.#born) / width);
    return this.#outcomes.filter(({ at }) => bucket(now) - bucket(at) < window.buckets);
  }

  #reason(now: number): string | undefined {
    const lastSuccess = this.#outcomes.findLastIndex(({ failed }) => !failed);
    const inARow = this.#outcomes.length - 1 - lastSuccess;
    if (inARow >= this.#o.consecutiveFailures) return 'consecutive-failures';
    const { calls, failures, slow } = this.window(now);
    if (calls === 0 || calls < this.#o.minimumThroughput) return undefined;
    if (failures / calls >= this.#o.failureRate) return 'failure-rate';
    return slow / calls >= this.#o.slowCallRate ? 'slow-call-rate' : undefined;
  }

  #open(reason: string, now: number): void {
    const closedFor = this.state === 'closed' ? now - this.#since : 0;
    const isFirst = this.#lastOpenPeriod === 0 || closedFor > this.#lastOpenPeriod;
    this.#recoveries = isFirst ? 0 : this.#recoveries + 1;
    const { openPeriod, openPeriodFactor, maxOpenPeriod } = this.#o;
    this.#openFor = Math.min(openPeriod * openPeriodFactor ** this.#recoveries, maxOpenPeriod);
    this.#lastOpenPeriod = this.#openFor;
    this.#enter('open', reason, now);
  }

  #enter(state: ReferenceBreaker['state'], reason: string, now: number): void {
    if (state !== this.state) this.reasons.push(`${this.state} → ${state}: ${reason}`);
    this.state = state;
    this.#term = {};
    this.#since = now;
    this.#outcomes = [];
    this.#succeeded = 0;
    this.#failed = 0;
  }
}
