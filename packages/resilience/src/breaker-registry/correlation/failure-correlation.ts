import { correlate, type Cluster } from './correlate.ts';
import { Episode } from './episode.ts';
import { FailureDetector } from './failure-detector.ts';

/** Services that began to fail together. */
export interface Incident {
  /** Counts up; the same while the incident lasts. */
  readonly id: number;
  /** The services, in the order in which they began to fail; the first is nearest to the cause. */
  readonly services: readonly {
    readonly name: string;
    /** Milliseconds since it began to fail. */
    readonly failingFor: number;
    /** What most of its calls fail with. */
    readonly kind: string;
    /** How probable it is that it belongs to the incident, from 0.6 to 1. */
    readonly confidence: number;
    /** Whether it works again. */
    readonly recovered: boolean;
  }[];
  /** The kind of error that most of the services see. */
  readonly kind: string;
  /** When the first began to fail, by the monotonic clock. */
  readonly since: number;
  /** How probable it is that there is a cause that they share, and not chance, from 0 to 1. */
  readonly confidence: number;
}

/** Options of a {@link FailureCorrelation}. */
export interface FailureCorrelationSettings {
  /** Milliseconds by which services that fail of one cause begin to fail one after the other, on average. */
  readonly spread: number;
  /** The least confidence of an incident that is told. */
  readonly minConfidence: number;
}

/** What began longer ago is correlated with nothing new, and tells no more how often a service fails. */
const HORIZON = 600_000;
/** Who fails again so soon goes on failing of the same cause: a breaker tried, and was lucky. */
const RELAPSE = 30_000;
/** How many episodes are remembered. */
const MOST_EPISODES = 512;
/** An unseen beginning is thought to lie so far back at most. */
const LONGEST_GAP = 60_000;

interface Watched {
  readonly detector: FailureDetector;
  episode: Episode | undefined;
}

/** Finds out which services began to fail together, with which kind of error, and since when, from the outcomes of their calls alone. */
export class FailureCorrelation {
  readonly #settings: FailureCorrelationSettings;
  readonly #began: number;
  readonly #services = new Map<string, Watched>();
  /** The latest ones, of all services, in the order in which they were noticed. */
  #episodes: Episode[] = [];
  readonly #ids = new WeakMap<Episode, number>();
  #lastId = 0;

  /** @param now when the watch begins */
  constructor(settings: FailureCorrelationSettings, now: number) {
    this.#settings = settings;
    this.#began = now;
  }

  /** Calls of a service that succeeded since the last report of it. */
  succeeded(service: string, count: number, now: number): void {
    const watched = this.#watch(service);
    if (watched.detector.succeeded(count)) this.#end(watched, now);
  }

  /**
   * A call of a service failed.
   * @param successes how many succeeded since the last report of it
   * @param began when the call was started, as far as is known
   * @returns whether the service begins to fail with it
   */
  failed(service: string, kind: string, successes: number, began: number, now: number): boolean {
    const watched = this.#watch(service);
    const wasFailing = watched.detector.isFailing;
    const isNews = watched.detector.failed(successes, began, now);
    if (wasFailing && !watched.detector.isFailing) this.#end(watched, now);
    if (isNews) this.#begin(service, watched);
    watched.episode?.failed(kind);
    return isNews;
  }

  /** A service is known to fail. @returns whether that is news */
  fails(service: string, kind: string, now: number): boolean {
    const watched = this.#watch(service);
    const isNews = watched.detector.fails(now);
    if (isNews) {
      this.#begin(service, watched);
      watched.episode?.failed(kind);
    }
    return isNews;
  }

  /** A service is known to work again. */
  recovered(service: string, now: number): void {
    const watched = this.#services.get(service);
    if (watched === undefined) return;
    watched.detector.recovered();
    this.#end(watched, now);
  }

  /** A service is not watched any more. */
  forget(service: string): void {
    this.#services.delete(service);
    this.#episodes = this.#episodes.filter((episode) => episode.service !== service);
  }

  /** What is known of a service; `kind` is `undefined` while it works. */
  about(service: string): {
    readonly detector: FailureDetector;
    readonly kind: string | undefined;
  } {
    const { detector, episode } = this.#watch(service);
    return { detector, kind: episode?.kind };
  }

  /** The services that fail, as far as is known. */
  failing(): readonly string[] {
    return [...this.#services]
      .filter(([, { detector }]) => detector.isFailing)
      .map(([service]) => service);
  }

  /** The incidents of which some service still fails, the surest first. */
  incidents(now: number): readonly Incident[] {
    const recent = this.#episodes.filter(({ since }) => now - since < HORIZON);
    return correlate(recent, {
      spread: this.#settings.spread,
      watched: Math.min(HORIZON, now - this.#began),
      frequencyOf: this.#frequencies(),
    })
      .filter((cluster) => this.#isTold(cluster))
      .map((cluster) => this.#toIncident(cluster, now))
      .toSorted((a, b) => b.confidence - a.confidence);
  }

  #watch(service: string): Watched {
    let watched = this.#services.get(service);
    if (watched === undefined) {
      watched = { detector: new FailureDetector(), episode: undefined };
      this.#services.set(service, watched);
    }
    return watched;
  }

  #begin(service: string, watched: Watched): void {
    const { since, gap } = watched.detector;
    const own = this.#episodes.filter((episode) => episode.service === service);
    const last = own.at(-1);
    if (last?.until !== undefined && since - last.until < RELAPSE) {
      last.until = undefined;
      watched.episode = last;
      return;
    }
    const before = own.filter((episode) => since - episode.since < HORIZON).length;
    const episode = new Episode(service, since, since - Math.min(gap, LONGEST_GAP), before);
    watched.episode = episode;
    this.#episodes.push(episode);
    if (this.#episodes.length > MOST_EPISODES) this.#episodes.shift();
  }

  #end(watched: Watched, now: number): void {
    if (watched.episode !== undefined) watched.episode.until = now;
    watched.episode = undefined;
  }

  #isTold({ members, confidence }: Cluster): boolean {
    return (
      members.length > 1 &&
      confidence >= this.#settings.minConfidence &&
      members.some(({ episode }) => episode.until === undefined)
    );
  }

  /** Of the kinds of all that is remembered, with one of each kind that there is, and of another. */
  #frequencies(): (kind: string) => number {
    const counts = new Map<string, number>();
    for (const { kind } of this.#episodes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const total = this.#episodes.length + counts.size + 1;
    return (kind) => ((counts.get(kind) ?? 0) + 1) / (total + 1);
  }

  #toIncident({ members, confidence }: Cluster, now: number): Incident {
    const [first] = members;
    const since = first?.episode.since ?? now;
    return {
      id: this.#idOf(members),
      services: members.map(({ episode, confidence }) => ({
        name: episode.service,
        failingFor: (episode.until ?? now) - episode.since,
        kind: episode.kind,
        confidence,
        recovered: episode.until !== undefined,
      })),
      kind: commonest(members.map(({ episode }) => episode.kind)),
      since,
      confidence,
    };
  }

  /** That of a member that had one, so that it stays when an earlier service joins. */
  #idOf(members: Cluster['members']): number {
    let id: number | undefined;
    for (const { episode } of members) id ??= this.#ids.get(episode);
    id ??= ++this.#lastId;
    for (const { episode } of members) this.#ids.set(episode, id);
    return id;
  }
}

function commonest(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['unknown', 0])[0];
}
