import { TestServerError } from '../errors.ts';
import { stopAll } from '../lifecycle/start-all.ts';
import { waitUntil } from '../lifecycle/wait-until.ts';
import type { RedisServer } from '../redis/redis-server.ts';
import type {
  RedisSentinel,
  SentinelClientOptions,
  WaitForPrimaryOptions,
} from './redis-sentinel.ts';

/** Sentinels that watch over servers. */
export class LocalSentinel implements RedisSentinel {
  readonly name: string;
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  readonly #timeout: number;

  constructor(
    name: string,
    nodes: readonly RedisServer[],
    sentinels: readonly RedisServer[],
    timeout: number,
  ) {
    this.name = name;
    this.nodes = nodes;
    this.sentinels = sentinels;
    this.#timeout = timeout;
  }

  get password(): string | undefined {
    return this.nodes[0]?.password;
  }

  get clientOptions(): SentinelClientOptions {
    const { name, password } = this;
    return {
      sentinels: this.sentinels.map(({ host, port }) => ({ host, port })),
      name,
      ...(password !== undefined && { password, sentinelPassword: password }),
    };
  }

  async primary(): Promise<RedisServer> {
    return this.#nodeAt(await this.#portSeenBy(this.#anyone()));
  }

  async waitForPrimary(options: WaitForPrimaryOptions = {}): Promise<RedisServer> {
    const { not, timeout = this.#timeout } = options;
    let agreed: RedisServer | undefined;
    await waitUntil('redis-sentinel', 'the sentinels agreed on a primary', timeout, async () => {
      const sentinels = this.#answering();
      if (sentinels.length === 0) return 'no sentinel runs';
      const ports = await Promise.all(sentinels.map((one) => this.#portSeenBy(one)));
      if (new Set(ports).size !== 1) return `they name ${ports.join(', ')}`;
      const primary = this.#nodeAt(ports[0] ?? 0);
      if (primary === not) return `they still name ${primary.port}`;
      if (primary.process?.running !== true || primary.process.frozen) {
        return `they name ${primary.port}, which does not answer`;
      }
      const [role] = (await primary.command('ROLE')) as readonly [string];
      if (role !== 'master') return `${primary.port} is still a ${role}`;
      agreed = primary;
      return undefined;
    });
    return agreed ?? this.primary();
  }

  async failover(): Promise<RedisServer> {
    const before = await this.primary();
    const sentinel = this.#anyone();
    await waitUntil('redis-sentinel', 'the failover was done', this.#timeout, async () => {
      const state = await this.#stateSeenBy(sentinel);
      if (Number(state.get('port')) !== before.port) return undefined;
      const inProgress = state.get('flags')?.includes('failover_in_progress') ?? false;
      // Again, if it was given up: the sentinel had not heard from a replica for a moment.
      if (!inProgress) await sentinel.command('SENTINEL', 'FAILOVER', this.name);
      return `sentinel ${sentinel.port} still names ${before.port}`;
    });
    return this.waitForPrimary({ not: before });
  }

  async ready(timeout: number = this.#timeout): Promise<void> {
    await waitUntil('redis-sentinel', 'the group was complete', timeout, async () => {
      for (const sentinel of this.#answering()) {
        const missing = await this.#unknownTo(sentinel);
        if (missing !== undefined) return missing;
      }
      return this.#unfollowed();
    });
  }

  stop(): Promise<void> {
    return stopAll([...this.sentinels, ...this.nodes]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #portSeenBy(sentinel: RedisServer): Promise<number> {
    const reply = await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name);
    return Number((reply as readonly string[] | null)?.[1]);
  }

  async #stateSeenBy(sentinel: RedisServer): Promise<ReadonlyMap<string, string>> {
    const reply = await sentinel.command('SENTINEL', 'MASTER', this.name);
    return fieldsOf(reply as readonly string[]);
  }

  /** What a sentinel does not know of the group, if anything. */
  async #unknownTo(sentinel: RedisServer): Promise<string | undefined> {
    const state = await this.#stateSeenBy(sentinel);
    const known = {
      flags: state.get('flags'),
      replicas: Number(state.get('num-slaves')),
      sentinels: Number(state.get('num-other-sentinels')) + 1,
    };
    const wanted = {
      flags: 'master',
      replicas: this.nodes.length - 1,
      sentinels: this.sentinels.length,
    };
    if (JSON.stringify(known) === JSON.stringify(wanted)) return undefined;
    return `sentinel ${sentinel.port} knows ${JSON.stringify(known)}`;
  }

  /** Which of the servers that answer do not follow the primary, if any; asked anew, as it may be another by now. */
  async #unfollowed(): Promise<string | undefined> {
    const primary = await this.primary();
    const info = String(await primary.command('INFO', 'replication'));
    const followers = info.match(/^slave\d+:.*state=online/gmu)?.length ?? 0;
    const wanted = answering(this.nodes).filter((node) => node !== primary).length;
    if (info.includes('role:master') && followers >= wanted) return undefined;
    return `${followers} of ${wanted} replicas follow ${primary.port}`;
  }

  #answering(): readonly RedisServer[] {
    return answering(this.sentinels);
  }

  #anyone(): RedisServer {
    const [sentinel] = this.#answering();
    if (sentinel !== undefined) return sentinel;
    throw new TestServerError('redis-sentinel', 'no sentinel runs; restart() one first');
  }

  #nodeAt(port: number): RedisServer {
    const node = this.nodes.find((one) => one.port === port);
    if (node !== undefined) return node;
    throw new TestServerError('redis-sentinel', `port ${port} is no server of this group`);
  }
}

/** Those that are neither down nor frozen. */
function answering(servers: readonly RedisServer[]): readonly RedisServer[] {
  return servers.filter(({ process }) => process?.running === true && !process.frozen);
}

/** A reply of names and values in turn. */
function fieldsOf(reply: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index + 1 < reply.length; index += 2) {
    fields.set(reply[index] ?? '', reply[index + 1] ?? '');
  }
  return fields;
}
