import type { ChildProcess } from 'node:child_process';
import cluster, { type Worker as ClusterWorker } from 'node:cluster';
import { BroadcastChannel, type Worker as Thread } from 'node:worker_threads';
import {
  checkKnown,
  Lifecycle,
  systemClock,
  toMilliseconds,
  type Clock,
  type Closeable,
  type Duration,
} from '@perf/core';
import { exposeSnapshot } from '../exposition/expose-snapshot.ts';
import type { Exposition } from '../exposition/exposition.ts';
import type { CollectorSink } from '../registry/collector.ts';
import type { Registry } from '../registry/registry.ts';
import { mergeSnapshots } from '../snapshot/merge-snapshots.ts';
import type { RegistrySnapshot } from '../snapshot/snapshot.ts';
import { Members, type MemberCounts } from './members.ts';
import { CHANNEL, decodeMessage } from './message.ts';

/** Options of {@link collectWorkers}. */
export interface CollectWorkersOptions {
  /** After what time without news a worker is taken for ended, until it tells something again. @default '15s' */
  readonly silentAfter?: Duration | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** The metrics of a process and of its workers as one. */
export interface WorkerMetrics extends Closeable {
  /** All together: of workers that have ended, counters and histograms still count. */
  snapshot(): RegistrySnapshot;
  /** As `expose` of a registry. */
  expose(accept?: string): Exposition;
  /** Listens to a process that was forked; and notices at once when it, or a thread, ends. Cluster workers are known without that. */
  add(worker: ChildProcess | Thread): void;
  /** How many workers told metrics. */
  counts(): MemberCounts;
}

/**
 * Merges the metrics that workers tell by `shareMetrics` with those of this process: of worker threads, of the workers of `node:cluster`, and of forked
 * processes that were added. Nobody is asked and nothing is waited for, so a worker that hangs delays nothing; what it told last counts.
 * @param registry of this process, which also tells `metrics_workers`
 * @throws {@link ConfigError} when an option is refused
 */
export function collectWorkers(
  registry: Registry,
  options: CollectWorkersOptions = {},
): WorkerMetrics {
  checkKnown('collectWorkers', options, ['silentAfter', 'clock']);
  const { silentAfter = '15s', clock = systemClock } = options;
  return new WorkerCollection(registry, toMilliseconds('silentAfter', silentAfter), clock);
}

class WorkerCollection implements WorkerMetrics {
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #members: Members;
  readonly #lifecycle: Lifecycle;
  readonly #ends: (() => void)[] = [];
  #conflicts = 0;

  constructor(registry: Registry, silentAfter: number, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#members = new Members(silentAfter, this.#conflict);
    this.#lifecycle = new Lifecycle('the collection of workers', () => {
      for (const end of this.#ends) end();
    });
    this.#listenToThreads();
    this.#listenToCluster();
    this.#ends.push(registry.collect((sink) => this.#tellCounts(sink)));
  }

  snapshot(): RegistrySnapshot {
    const own = this.#registry.snapshot();
    const others = this.#members.snapshots(this.#clock.now());
    return mergeSnapshots([own, ...others], this.#conflict);
  }

  expose(accept?: string): Exposition {
    return exposeSnapshot(this.snapshot(), accept);
  }

  counts(): MemberCounts {
    return this.#members.counts(this.#clock.now());
  }

  add(worker: ChildProcess | Thread): void {
    this.#lifecycle.assertOpen();
    const isThread = 'threadId' in worker;
    const source = isThread ? threadSource(worker.threadId) : worker;
    const take = (message: unknown): void => {
      this.#take(message, () => source);
    };
    // Threads tell on a channel of their own.
    if (!isThread) worker.on('message', take);
    const ended = (): void => {
      this.#members.ended(source);
    };
    worker.once('exit', ended);
    this.#ends.push(() => {
      worker.removeListener('message', take);
      worker.removeListener('exit', ended);
    });
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #listenToThreads(): void {
    const channel = new BroadcastChannel(CHANNEL);
    channel.unref();
    channel.addEventListener('message', (event) => {
      this.#take((event as MessageEvent).data, threadOf);
    });
    this.#ends.push(() => {
      channel.close();
    });
  }

  #listenToCluster(): void {
    if (!cluster.isPrimary) return;
    const take = (worker: ClusterWorker, message: unknown): void => {
      this.#take(message, () => worker);
    };
    const ended = (worker: ClusterWorker): void => {
      this.#members.ended(worker);
    };
    cluster.on('message', take).on('exit', ended);
    this.#ends.push(() => {
      cluster.removeListener('message', take).removeListener('exit', ended);
    });
  }

  #take(message: unknown, sourceOf: (member: string) => unknown): void {
    const told = decodeMessage(message);
    if (told === undefined) return;
    const { member, snapshot, isLast } = told;
    this.#members.told(member, sourceOf(member), snapshot, isLast, this.#clock.now());
  }

  #tellCounts(sink: CollectorSink): void {
    const metric = { name: 'metrics_workers', help: 'Workers that told metrics, by their state' };
    for (const [state, count] of Object.entries(this.counts()))
      sink.gauge(metric, count, { state });
    if (this.#conflicts === 0) return;
    const conflicts = {
      name: 'metrics_worker_conflicts_total',
      help: 'Metrics of workers that were left out: of the same name, with another kind or labels',
    };
    sink.counter(conflicts, this.#conflicts);
  }

  readonly #conflict = (): void => {
    this.#conflicts++;
  };
}

/** The same for every message of a thread. */
function threadSource(threadId: number): string {
  return `thread ${threadId}`;
}

/** A member is named by its process and thread. */
function threadOf(member: string): string {
  return threadSource(Number(member.split('-')[1]));
}
