import { abortable, type Clock, type Timer } from '@perf/core';
import type { StoreListener } from '@perf/cache-core';
import type { RedisServerError } from '../errors.ts';
import { isReply, withoutCommand } from './driver-errors.ts';
import { NodeWatch, type LostConnection } from './node-watch.ts';
import {
  addressOf,
  isCluster,
  isReplica,
  type RedisClient,
  type RedisCluster,
  type RedisConnection,
} from './redis-client.ts';
import { problemsOf } from './server-info.ts';
import { endedBefore, followed, replacement } from './compare-sessions.ts';
import type { Session } from './session.ts';

/** How many lost connections are remembered until their server can be told. */
const MOST_LOST = 64;
/** How many addresses of a cluster are remembered. */
const MOST_KNOWN = 1000;
/** How long after a master of a cluster was lost it is looked who has its place, in milliseconds. */
const LOOK_AFTER = 250;

/** What became of a lost connection. */
type Fate = 'dead' | 'elsewhere' | 'unreached' | 'unsure';

const watches = new WeakMap<RedisClient, ClientWatch>();

/**
 * Follows the servers behind one client, for all who use it: which process answers, what became of
 * connections that were lost, and how the servers are set up.
 */
export class ClientWatch {
  readonly client: RedisClient;
  readonly #clock: Clock;
  readonly #nodes = new Map<RedisConnection, NodeWatch>();
  readonly #listeners = new Set<StoreListener>();
  readonly #warned = new Map<string, RedisServerError>();
  /** The last session at each address; one for all where there is no cluster. */
  readonly #known = new Map<string, Session>();
  #lost: LostConnection[] = [];
  /** How many lost connections there were of which nothing can be made sure. */
  #unsure = 0;
  #severing: Promise<unknown> = Promise.resolve();
  /** Commands of a cluster that the driver may still send, or send again. */
  readonly #underWay = new Set<Promise<unknown>>();
  #users = 0;
  /** Whether a node that is new has taken another one's place, or is only seen for the first time. */
  #settled = false;
  /** Until it is looked who has the place of a master that was lost. */
  #look: Timer | undefined;

  /** The one watch of a client; {@link release} it. */
  static of(client: RedisClient, clock: Clock): ClientWatch {
    const watch = watches.get(client) ?? new ClientWatch(client, clock);
    watches.set(client, watch);
    watch.#users++;
    if (watch.#users === 1) watch.#attach();
    return watch;
  }

  private constructor(client: RedisClient, clock: Clock) {
    this.client = client;
    this.#clock = clock;
  }

  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    watches.delete(this.client);
    this.client.off('+node', this.#onNode);
    this.client.off('-node', this.#onNodeGone);
    this.client.off('ready', this.#onClusterReady);
    this.client.off('refresh', this.#onRefresh);
    this.#look?.cancel();
    for (const node of this.#nodes.values()) node.detach();
    this.#nodes.clear();
  }

  /** Whether commands can be sent at once. */
  get ready(): boolean {
    if (isCluster(this.client)) return this.#settled && this.client.status === 'ready';
    return this.#nodes.get(this.client)?.session !== undefined;
  }

  /** Resolves when commands can be sent; only while the client is connected. */
  async greeted(): Promise<void> {
    if (isCluster(this.client)) await this.#meetMasters(this.client);
    else await this.#watchNode(this.client).greeted();
  }

  /** Warnings from before are told at once. */
  listen(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    for (const warning of this.#warned.values()) listener.onWarning(warning);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Remembers a command of a cluster until it is over. */
  track<T>(command: Promise<T>): Promise<T> {
    if (!isCluster(this.client)) return command;
    const over = command
      .catch(() => undefined)
      .finally(() => {
        this.#underWay.delete(over);
      });
    this.#underWay.add(over);
    return command;
  }

  /**
   * Makes sure that nothing sent on a lost connection, or redirected by the driver, can still take effect.
   * Resolves to how many lost connections there were so far of which that cannot be said; those to a node of a
   * cluster that is out of reach count each time. Rejects with the signal's reason, and when the only server
   * is out of reach.
   */
  sever(signal: AbortSignal): Promise<number> {
    // One after the other: what another user has begun is not done yet.
    const severing = this.#severing.catch(() => undefined).then(() => this.#severNow(signal));
    this.#severing = severing;
    return severing;
  }

  async #severNow(signal: AbortSignal): Promise<number> {
    // What the driver still redirects from node to node is on no connection.
    await abortable(Promise.all(this.#underWay), signal);
    const lost = this.#lost;
    // One listener for all of them, of which there may be many.
    const fates = await abortable(Promise.all(lost.map((one) => this.#kill(one))), signal);
    this.#lost = [
      ...lost.filter((_, index) => fates[index] === 'elsewhere' || fates[index] === 'unreached'),
      ...this.#lost.filter((one) => !lost.includes(one)),
    ];
    this.#unsure += fates.filter((fate) => fate === 'unsure' || fate === 'unreached').length;
    return this.#unsure;
  }

  /** The nodes that take writes, each greeted. */
  async masters(signal: AbortSignal): Promise<readonly NodeWatch[]> {
    const nodes = isCluster(this.client) ? this.client.nodes('master') : [this.client];
    const watches = nodes.map((node) => this.#watchNode(node));
    await abortable(Promise.all(watches.map((watch) => watch.greeted())), signal);
    return watches;
  }

  /** Ends what a lost connection may still bring to its server. */
  async #kill({ node, session }: LostConnection): Promise<Fate> {
    const runId = session?.info.runId;
    if (session?.clientId === undefined || runId === undefined) return 'unsure';
    const present = isCluster(this.client) ? this.#at(addressOf(node)) : this.#watchNode(node);
    // What reaches another server than writes go to now changes nothing there; but it may come back.
    if (present === undefined) return 'elsewhere';
    try {
      const now = await present.greeted();
      if (endedBefore(now, session)) return 'dead';
      if (now.info.runId !== runId) return 'elsewhere';
      await present.node.call('client', 'KILL', 'ID', String(session.clientId));
      return 'dead';
    } catch (error) {
      // Forbidden, or unknown to a managed server.
      if (isReply(error)) return 'unsure';
      // What is to be written to the other nodes does not wait for this one.
      if (isCluster(this.client)) return 'unreached';
      throw withoutCommand(error);
    }
  }

  #at(address: string): NodeWatch | undefined {
    if (!isCluster(this.client)) return undefined;
    const node = this.client.nodes('all').find((one) => addressOf(one) === address);
    return node === undefined ? undefined : this.#watchNode(node);
  }

  #attach(): void {
    if (!isCluster(this.client)) {
      this.#watchNode(this.client);
      return;
    }
    this.client.on('+node', this.#onNode);
    this.client.on('-node', this.#onNodeGone);
    this.client.on('ready', this.#onClusterReady);
    this.client.on('refresh', this.#onRefresh);
    for (const node of this.client.nodes('all')) this.#onNode(node);
    if (this.client.status === 'ready') this.#onClusterReady();
  }

  #watchNode(node: RedisConnection): NodeWatch {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const watch = new NodeWatch(node, {
      onSession: (_, session) => {
        this.#meet(session);
      },
      onLost: (lost) => {
        // Where there is no cluster nothing is sent before the greeting.
        if (lost.session === undefined && !isCluster(this.client)) return;
        this.#lost.push(lost);
        // Of one that is forgotten nothing can be made sure.
        if (this.#lost.length > MOST_LOST) {
          this.#lost.shift();
          this.#unsure++;
        }
      },
    });
    this.#nodes.set(node, watch);
    return watch;
  }

  /** Tells who answers now apart from who answered before. */
  #meet(session: Session): void {
    const place = isCluster(this.client) ? session.address : '';
    const before = this.#known.get(place);
    this.#known.delete(place);
    this.#known.set(place, session);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    // Nothing is read from a replica of a cluster, nor written to it.
    if (isCluster(this.client) && followed(session)) return;
    this.#lost = this.#lost.filter((lost) => !endedBefore(session, lost.session));
    for (const problem of problemsOf(session.address, session.info)) this.#warn(problem);
    if (before !== undefined) {
      const how = replacement(before, session);
      if (how !== undefined) this.#tellReplaced(how);
    } else if (this.#settled) {
      this.#tellReplaced('failover');
    }
  }

  #tellReplaced(how: 'failover' | 'restart'): void {
    for (const listener of this.#listeners) listener.onReplaced(how);
  }

  #warn(problem: RedisServerError): void {
    const cause = `${problem.server} ${problem.problem}`;
    if (this.#warned.has(cause)) return;
    this.#warned.set(cause, problem);
    for (const listener of this.#listeners) listener.onWarning(problem);
  }

  readonly #onNode = (added: unknown): void => {
    const node = added as RedisConnection;
    const watch = this.#watchNode(node);
    // Not to meet it only when it is first written to, which may be long after it took a place.
    if (this.#settled && !isReplica(node)) watch.greeted().catch(() => undefined);
  };

  readonly #onNodeGone = (removed: unknown): void => {
    const node = removed as RedisConnection;
    this.#nodes.get(node)?.detach();
    this.#nodes.delete(node);
    // Its place may be taken by one that lacks what it acknowledged last; or only the connection was lost.
    if (this.#settled && !isReplica(node)) this.#lookSoon();
  };

  /**
   * Has the driver ask for the masters, which it otherwise does only when a command went astray. One that is
   * still down is lost once more, and looked for once more.
   */
  #lookSoon(): void {
    this.#look ??= this.#clock.setTimer(() => {
      this.#look = undefined;
      const { client } = this;
      // Otherwise it has lost all of them, and tells when it has masters again.
      if (!isCluster(client) || client.status !== 'ready') return;
      client.refreshSlotsCache((error) => {
        if (error instanceof Error) this.#lookSoon();
      });
    }, LOOK_AFTER);
  }

  /** Meets those that have become masters, maybe on a connection from before. */
  readonly #onRefresh = (): void => {
    if (!this.#settled || !isCluster(this.client)) return;
    for (const node of this.client.nodes('master')) {
      const watch = this.#watchNode(node);
      if (watch.session === undefined || followed(watch.session)) {
        watch.greetAgain().catch(() => undefined);
      }
    }
  };

  readonly #onClusterReady = (): void => {
    if (isCluster(this.client)) void this.#meetMasters(this.client);
  };

  /** A node that is only being connected to takes no commands; those that are down are not waited for. */
  async #meetMasters(cluster: RedisCluster): Promise<void> {
    await Promise.allSettled(
      cluster.nodes('master').map((node) => this.#watchNode(node).greeted()),
    );
    this.#settled = true;
  }
}
