import type { Episode } from './episode.ts';

/** What {@link correlate} assumes. */
export interface CorrelationModel {
  /** Milliseconds by which services that fail of one cause begin to fail one after the other, on average. */
  readonly spread: number;
  /** Milliseconds for which services have been watched, of those in which earlier episodes count. */
  readonly watched: number;
  /** The part of earlier episodes that were of a kind; from 0 to 1, exclusively. */
  readonly frequencyOf: (kind: string) => number;
}

/** A service that belongs to a {@link Cluster}. */
export interface ClusterMember {
  readonly episode: Episode;
  /** How probable it is that it fails of the same cause as those before it; 1 for the first. */
  readonly confidence: number;
}

/** Services that fail of one cause, in the order in which they began to. */
export interface Cluster {
  readonly members: readonly ClusterMember[];
  /** How probable it is that there is such a cause; 0 for a service alone. */
  readonly confidence: number;
}

/** How probable it is, before anything is known of a service that fails, that others fail of the same cause. */
const SHARED = 0.2;
/** How many of the other services are hit by a cause that several share. */
const HIT = 0.3;
/** From which confidence on a service belongs to a cluster. */
const JOINS = 0.6;
/** How many of the services hit by one cause see the same kind of error. */
const SAME_KIND = 0.8;
/** How often services begin to fail of themselves, until more is known: as if watched for six minutes, of an hour between two failings. */
const PRIOR = { episodes: 0.1, watched: 360_000 };

/**
 * Which services began to fail together. Taken by when they began, each is asked whether it fails of the same cause as some before it:
 * by Bayes' rule, from how soon after them it began, against how often it begins to fail anyway (so that one that flaps
 * proves little), and from whether its errors are of the same kind, against how common that kind is. It joins those with whom that is
 * the likeliest, if it is clearly likelier than not.
 */
export function correlate(
  episodes: readonly Episode[],
  model: CorrelationModel,
): readonly Cluster[] {
  const clusters: { members: ClusterMember[]; confidence: number }[] = [];
  for (const episode of episodes.toSorted((a, b) => a.since - b.since)) {
    let best: (typeof clusters)[number] | undefined;
    let confidence = JOINS;
    for (const cluster of clusters) {
      const joined = jointConfidence(cluster, episode, model);
      if (joined > confidence) [best, confidence] = [cluster, joined];
    }
    if (best === undefined) {
      clusters.push({ members: [{ episode, confidence: 1 }], confidence: 0 });
    } else {
      best.members.push({ episode, confidence });
      // Each link is evidence of its own.
      best.confidence = 1 - (1 - best.confidence) * (1 - confidence);
    }
  }
  return clusters;
}

function jointConfidence(cluster: Cluster, episode: Episode, model: CorrelationModel): number {
  const { members } = cluster;
  if (members.some((member) => member.episode.service === episode.service)) return 0;
  let lag = Infinity;
  let isSameKind = false;
  for (const member of members) {
    lag = Math.min(lag, Math.max(0, episode.earliest - member.episode.since));
    isSameKind ||= member.episode.kind === episode.kind;
  }
  const shared = Math.max(SHARED, cluster.confidence) * HIT;
  const ownRate = (PRIOR.episodes + episode.before) / (PRIOR.watched + model.watched);
  const together = Math.exp(-lag / model.spread) / model.spread;
  const frequency = model.frequencyOf(episode.kind);
  const kinds = isSameKind ? SAME_KIND / frequency : (1 - SAME_KIND) / (1 - frequency);
  const odds = (shared / (1 - shared)) * (together / ownRate) * kinds;
  return odds / (1 + odds);
}
