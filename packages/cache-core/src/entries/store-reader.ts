import type { StoredEntry } from '../contracts/cache-store.ts';
import { nonceOf } from '../codec/envelope.ts';
import { SerializationError, type MissReason } from '../errors.ts';
import type { Fence } from '../invalidation/fences.ts';
import type { CacheContext } from '../context/cache-context.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { EntryState } from '../local/local-tier.ts';
import type { FoundEntry, StoreGate } from '../stores/store-gate.ts';
import { entryFromStore, type ReadStart } from './build-entry.ts';
import { newerSpare, type Spare } from './spare.ts';

/** What the stores have for a key. */
export type ReadOutcome<V> =
  | {
      readonly kind: 'hit';
      readonly entry: LocalEntry<V>;
      readonly state: 'hit' | 'stale';
      readonly tier: string;
      readonly isUnjudged?: true;
    }
  | {
      readonly kind: 'miss';
      readonly reason: MissReason;
      /** The identity of an entry that is there but must not be served. */
      readonly badNonce: string | undefined;
      /** That entry, where it may be served if its load fails. */
      readonly spare?: Spare<V> | undefined;
      /** The ledger is out of reach: nothing that a store has could be judged, and none behind the nearest was asked. */
      readonly isUnjudged?: true;
    };

const ABSENT = { kind: 'miss', reason: 'absent', badNonce: undefined } as const;

/** Reads the tiers behind memory, judges what they have, and promotes it. */
export class StoreReader<V> {
  readonly #context: CacheContext<V>;

  constructor(context: CacheContext<V>) {
    this.#context = context;
  }

  start(): ReadStart {
    const { ledger, clock } = this.#context;
    return { epoch: ledger.epoch, time: clock.now() };
  }

  /** Same order and length as `fences`, which name the keys and decide what may be promoted. */
  async readMany(fences: readonly Fence[], start: ReadStart): Promise<ReadOutcome<V>[]> {
    const { gates, ledger } = this.#context;
    const outcomes: ReadOutcome<V>[] = fences.map(() => ABSENT);
    if (gates.length === 0) return outcomes;
    const ledgerKnown = ledger.refresh();
    let missing = fences.map((_, index) => index);
    for (const gate of gates) {
      const asked = missing.map((index) => (fences[index] as Fence).key);
      // Here and not at the gate, which asks once for a key that several callers look for.
      gate.counters.reads += asked.length;
      const [found, known] = await Promise.all([gate.getMany(asked), ledgerKnown]);
      // Without the ledger nobody knows what was invalidated.
      if (!known) return fences.map(({ key }) => this.#unjudged(key));
      const late: Promise<void>[] = [];
      for (const [position, index] of missing.entries()) {
        const stored = found[position];
        if (stored === undefined || !this.#isProved(stored)) continue;
        const outcome = this.judge(gate, fences[index] as Fence, stored, start);
        if (!(outcome instanceof Promise)) take(outcomes, index, outcome);
        else late.push(outcome.then((one) => take(outcomes, index, one)));
      }
      if (late.length > 0) await Promise.all(late);
      missing = missing.filter((index) => outcomes[index]?.kind !== 'hit');
      if (missing.length === 0) break;
    }
    return outcomes;
  }

  /**
   * What a stored entry is worth by what is known now; a usable one is promoted. A promise only where a
   * value has to be decompressed, or a damaged entry to be deleted; it does not reject.
   */
  judge(
    gate: StoreGate,
    fence: Fence,
    stored: StoredEntry,
    start: ReadStart,
  ): ReadOutcome<V> | Promise<ReadOutcome<V>> {
    const { codec, local } = this.#context;
    const { key } = fence;
    const opened = codec.open(key, stored.bytes);
    if ('fault' in opened) return this.#damaged(gate, key, stored, opened.fault);
    const entry = entryFromStore(this.#context, opened.meta, stored, start);
    const { nonce } = entry;
    const now = this.#context.clock.now();
    const state = local.stateOf(key, entry, now);
    if (state === undefined) {
      const reason = now >= entry.staleUntil ? 'expired' : 'invalidated';
      return { kind: 'miss', reason, badNonce: nonce };
    }
    const held = local.peek(key);
    if (held !== undefined && held.nonce === nonce) {
      local.renew(held, start.epoch, start.time);
      return this.#found(gate, key, held, state);
    }
    const decoded = (value: unknown): ReadOutcome<V> => {
      const whole = entry as LocalEntry<V>;
      whole.value = value as V;
      // What memory keeps may be a newer one that the store did not take.
      if (state !== 'spare' || held === undefined) this.#promote(gate, fence, whole, stored.bytes);
      return this.#found(gate, key, whole, state);
    };
    const undecodable = (error: unknown): ReadOutcome<V> => {
      gate.counters.damaged++;
      this.#report(gate, key, error);
      return { kind: 'miss', reason: 'absent', badNonce: nonce };
    };
    try {
      const value = opened.value();
      return value instanceof Promise ? value.then(decoded, undecodable) : decoded(value);
    } catch (error) {
      return undecodable(error);
    }
  }

  /** Others than who it was read for have got it as well: each has looked for the key in the tiers that were asked. */
  countShared(outcome: ReadOutcome<V>, others: number): void {
    for (const { store, counters } of this.#context.gates) {
      counters.reads += others;
      if (outcome.isUnjudged === true) return;
      if (outcome.kind !== 'hit' || outcome.tier !== store.name) continue;
      counters.hits += others;
      return;
    }
  }

  /** While nobody can prove anything, memory serves for a while. */
  #unjudged(key: string): ReadOutcome<V> {
    const held = this.#context.local.lookup(key, true);
    if (held === undefined || held === 'unproved') return { ...ABSENT, isUnjudged: true };
    const { entry, state } = held;
    if (state === 'spare') return { ...ABSENT, spare: { entry, tier: 'memory' }, isUnjudged: true };
    return { kind: 'hit', entry, state, tier: 'memory', isUnjudged: true };
  }

  #found(gate: StoreGate, key: string, entry: LocalEntry<V>, state: EntryState): ReadOutcome<V> {
    const tier = gate.store.name;
    if (state === 'spare') {
      return { kind: 'miss', reason: 'expired', badNonce: entry.nonce, spare: { entry, tier } };
    }
    gate.counters.hits++;
    this.#context.local.read(key, entry);
    return { kind: 'hit', entry, state, tier };
  }

  /** Whether nothing was missed since a tier that does not hear of changes by itself was given the entry. */
  #isProved({ epoch }: FoundEntry): boolean {
    const { ledger, clock } = this.#context;
    return epoch === undefined || (epoch === ledger.epoch && clock.now() <= ledger.liveUntil);
  }

  /** Puts an entry into every tier before the one that had it, unless something changed the key. */
  #promote(from: StoreGate, fence: Fence, entry: LocalEntry<V>, bytes: Uint8Array): void {
    const { gates, local, chain, fences, background } = this.#context;
    const { key } = fence;
    if (fence.outdated || chain.busy(key)) return;
    local.put(key, entry);
    const nearer = gates.slice(0, gates.indexOf(from));
    if (nearer.length === 0) return;
    // In the line of the key's writes: one called from now on comes after it, in every store.
    const own = fences.begin(key, entry.tags);
    const promotion = chain.run([key], async () => {
      if (own.outdated) return;
      const write = { key, entry, bytes, fence: own };
      await Promise.all(nearer.map((gate) => this.#context.writer.write(gate, write)));
    });
    background(
      'promote',
      key,
      promotion.finally(() => {
        fences.end(own);
      }),
    );
  }

  async #damaged(
    gate: StoreGate,
    key: string,
    stored: StoredEntry,
    fault: string,
  ): Promise<ReadOutcome<V>> {
    gate.counters.damaged++;
    this.#report(gate, key, new SerializationError(key, `the stored entry is unusable (${fault})`));
    const nonce = nonceOf(stored.bytes);
    // Without an identity nobody can ask for a ticket in its place: it has to go.
    if (nonce === undefined) await gate.delete([key]);
    return { kind: 'miss', reason: 'absent', badNonce: nonce };
  }

  #report(gate: StoreGate, key: string, error: unknown): void {
    const { events, options } = this.#context;
    events.emit('error', {
      cache: options.name,
      operation: 'decode',
      store: gate.store.name,
      key,
      error,
    });
  }
}

/** Takes what a farther tier has; an entry that a nearer one keeps for when loads fail is not forgotten. */
function take<V>(outcomes: ReadOutcome<V>[], index: number, outcome: ReadOutcome<V>): void {
  const nearer = outcomes[index] as ReadOutcome<V>;
  const keepsSpare = nearer.kind === 'miss' && nearer.spare !== undefined;
  outcomes[index] =
    keepsSpare && outcome.kind === 'miss'
      ? { ...outcome, spare: newerSpare(nearer.spare, outcome.spare) }
      : outcome;
}
