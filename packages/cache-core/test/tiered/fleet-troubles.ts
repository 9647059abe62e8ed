import type { LedgerSnapshot } from '../../src/testing.ts';
import { settle } from '@perf/core/testing';
import type { StoredEntry } from '../../src/index.ts';
import type { WorldInstance, WorldShared } from './fleet-instance.ts';
import { KEYS, type Arrangement, type Key, type Step } from './fleet-steps.ts';
import { SILENCE, type FleetTruth } from './fleet-truth.ts';

/** How long the journal remembers, in milliseconds. */
const JOURNAL = 60_000;

/** What a replica of the server has. */
interface Copy {
  readonly at: number;
  readonly entries: ReadonlyMap<Key, Required<StoredEntry>>;
  readonly tickets: ReadonlyMap<Key, string>;
  readonly ledger: LedgerSnapshot;
}

/** What happens to stores, servers and messages behind everybody's back. */
export class FleetTroubles {
  readonly #shared: WorldShared;
  readonly #truth: FleetTruth;
  readonly #instances: readonly WorldInstance[];
  #copy: Copy;

  constructor(shared: WorldShared, truth: FleetTruth, instances: readonly WorldInstance[]) {
    this.#shared = shared;
    this.#truth = truth;
    this.#instances = instances;
    this.#copy = this.#replicate();
  }

  /** False for a step that is no trouble. */
  async take(step: Step, instance: WorldInstance): Promise<boolean> {
    switch (step.do) {
      case 'hold': {
        instance.troubled = true;
        const { operation, when, onAbort, overtaken = false, times = 2 } = step;
        const hold = { operation, when, onAbort, overtaken, times };
        instance.holds.push(instance.store.hold(hold));
        break;
      }
      case 'holdNarrow':
        if (instance.narrow !== undefined) {
          const { operation, when } = step;
          instance.holds.push(instance.narrow.hold({ operation, when, times: 2 }));
        }
        break;
      case 'release':
        instance.holds.shift()?.release();
        break;
      case 'fail':
        instance.troubled = true;
        instance.store.fail(step.operation, new Error('trouble'), step.options);
        break;
      case 'unknown':
        instance.troubled = true;
        instance.store.unknown(step.operation, { applied: step.applied });
        break;
      case 'freeze':
        instance.troubled = true;
        instance.store.freeze();
        break;
      case 'thaw':
        instance.store.thaw();
        break;
      case 'lose':
        this.#lose(step.what);
        break;
      case 'replicate':
        this.#copy = this.#replicate();
        break;
      case 'replace':
        await this.#replace(step.how);
        break;
      default:
        return this.#troubleBus(step, instance);
    }
    return true;
  }

  #troubleBus(step: Step, instance: WorldInstance): boolean {
    const { bus } = instance;
    switch (step.do) {
      case 'cut':
      case 'blackHole':
      case 'restore':
        this.#truth.busTroubled = true;
        // What was held on the old connection is lost.
        this.#noteDelay(instance);
        bus?.[step.do]();
        if (step.do !== 'blackHole') instance.offline = step.do === 'cut';
        break;
      case 'lose messages':
        this.#truth.busTroubled = true;
        bus?.lose(step.count);
        break;
      case 'failPublish':
        this.#truth.busTroubled = true;
        bus?.fail(new Error('trouble'), { applied: step.applied });
        break;
      case 'delay':
        this.#truth.longestDelay = Math.max(this.#truth.longestDelay, step.by);
        if (bus !== undefined) bus.delay = step.by;
        break;
      case 'holdBus':
        instance.heldSince ??= this.#shared.clock.now();
        bus?.hold();
        break;
      case 'releaseBus':
        this.#noteDelay(instance);
        bus?.release((held) => arrange(held, step.arrange));
        break;
      default:
        return false;
    }
    return true;
  }

  /** Messages that were held, or are still, were or are on their way for so long. */
  noteDelays(): void {
    for (const instance of this.#instances) {
      if (instance.heldSince !== undefined) this.#count(instance.heldSince);
    }
  }

  #noteDelay(instance: WorldInstance): void {
    if (instance.heldSince === undefined) return;
    this.#count(instance.heldSince);
    instance.heldSince = undefined;
  }

  #count(since: number): void {
    const held = this.#shared.clock.now() - since;
    // Whoever does not hear himself for so long is deaf, and knows it.
    if (held >= SILENCE) this.#truth.busTroubled = true;
    this.#truth.longestDelay = Math.max(this.#truth.longestDelay, Math.min(held, SILENCE));
  }

  #lose(what: 'ledger' | 'drops' | 'value' | 'ticket'): void {
    const { backend } = this.#shared;
    if (what === 'ledger') backend.loseLedger();
    else if (what === 'drops') backend.forgetDrops();
    else {
      for (const key of KEYS) {
        if (what === 'value') backend.evict(key);
        else backend.removeTicket(key);
      }
    }
  }

  #replicate(): Copy {
    const { backend, clock } = this.#shared;
    const entries = new Map<Key, Required<StoredEntry>>();
    const tickets = new Map<Key, string>();
    for (const key of KEYS) {
      const entry = backend.entry(key);
      const ticket = backend.ticketOf(key);
      if (entry !== undefined) entries.set(key, entry);
      if (ticket !== undefined) tickets.set(key, ticket);
    }
    return { at: clock.now(), entries, tickets, ledger: backend.snapshotLedger() };
  }

  async #replace(how: 'failover' | 'restart'): Promise<void> {
    const { backend, clock } = this.#shared;
    await settle();
    const isIdle = this.#instances.every(({ store }) => store.calls.every((call) => call.answered));
    // No answer comes from a server that is gone; and what is older is not lost.
    if (!isIdle || clock.now() - this.#copy.at > JOURNAL) return;
    const { at, entries, tickets, ledger } = this.#copy;
    for (const key of KEYS) {
      backend.evict(key);
      backend.removeTicket(key);
      const entry = entries.get(key);
      const ticket = tickets.get(key);
      if (entry !== undefined) backend.put(key, entry.bytes, entry.remaining);
      if (ticket !== undefined) backend.putTicket(key, ticket, 10_000);
    }
    backend.restoreLedger(ledger);
    for (const instance of this.#instances) {
      instance.troubled = true;
      if (!instance.dead) instance.store.replaced(how);
    }
    this.#truth.forget(at);
  }
}

function arrange(held: readonly string[], how: Arrangement): readonly string[] {
  if (how === 'reversed') return held.toReversed();
  return how === 'twice' ? [...held, ...held] : held;
}
