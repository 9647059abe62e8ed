import type { MetricConflictError } from '../errors.ts';
import { lastingPart, mergeSnapshots } from '../snapshot/merge-snapshots.ts';
import type { RegistrySnapshot } from '../snapshot/snapshot.ts';

/** Those that have ended are kept apart for a while: their last message may come after their end. */
const MAX_APART = 64;

/** Who told metrics. */
interface Member {
  snapshot: RegistrySnapshot;
  /** When it told them, by our clock. */
  heard: number;
  hasEnded: boolean;
  /** What it came from: a process may have told more than one. */
  readonly source: unknown;
}

/** How many there are, by what is known of them. */
export interface MemberCounts {
  readonly live: number;
  /** Those that have not told anything for three intervals and more. */
  readonly silent: number;
  readonly ended: number;
}

/** The metrics of others: of those that live all, of those that have ended what lasts. */
export class Members {
  readonly #byId = new Map<string, Member>();
  readonly #silentAfter: number;
  readonly #conflict: (error: MetricConflictError) => void;
  #past: RegistrySnapshot | undefined;
  #ended = 0;

  constructor(silentAfter: number, conflict: (error: MetricConflictError) => void) {
    this.#silentAfter = silentAfter;
    this.#conflict = conflict;
  }

  /** Takes what a member told. */
  told(
    id: string,
    source: unknown,
    snapshot: RegistrySnapshot,
    isLast: boolean,
    now: number,
  ): void {
    const member = this.#byId.get(id);
    if (member === undefined) {
      this.#byId.set(id, { snapshot, heard: now, hasEnded: false, source });
      if (isLast) this.#end(id);
      return;
    }
    member.snapshot = snapshot;
    member.heard = now;
    if (isLast && !member.hasEnded) this.#end(id);
  }

  /** All that came from there have ended. */
  ended(source: unknown): void {
    for (const [id, member] of this.#byId) {
      if (member.source === source && !member.hasEnded) this.#end(id);
    }
  }

  counts(now: number): MemberCounts {
    let live = 0;
    let silent = 0;
    for (const member of this.#byId.values()) {
      if (member.hasEnded) continue;
      if (this.#isSilent(member, now)) silent++;
      else live++;
    }
    return { live, silent, ended: this.#ended };
  }

  /** What counts now of each. */
  snapshots(now: number): readonly RegistrySnapshot[] {
    const current = Array.from(this.#byId.values(), (member) =>
      member.hasEnded || this.#isSilent(member, now)
        ? lastingPart(member.snapshot)
        : member.snapshot,
    );
    return this.#past === undefined ? current : [this.#past, ...current];
  }

  #isSilent({ heard }: Member, now: number): boolean {
    return now - heard > this.#silentAfter;
  }

  #end(id: string): void {
    const member = this.#byId.get(id);
    if (member === undefined) return;
    member.hasEnded = true;
    this.#ended++;
    const apart = [...this.#byId].filter(([, one]) => one.hasEnded);
    const [oldest] = apart;
    if (apart.length <= MAX_APART || oldest === undefined) return;
    const [oldestId, { snapshot }] = oldest;
    this.#byId.delete(oldestId);
    const lasting = lastingPart(snapshot);
    this.#past =
      this.#past === undefined ? lasting : mergeSnapshots([this.#past, lasting], this.#conflict);
  }
}
