import { ConfigError } from '@perf/core';
import { isCluster, type RedisClient } from './redis-client.ts';

/** More reconnections than this while a command waits are a command that lands much later. */
const MOST_RETRIES = 20;

type Settings = Readonly<Record<string, unknown>>;

/** What a setting has to be, and why. */
interface Rule {
  readonly name: string;
  readonly allows: (value: unknown) => boolean;
  readonly expected: string;
}

function mustBe(name: string, value: unknown, why: string): Rule {
  return { name, allows: (given) => given === value, expected: `${String(value)}: ${why}` };
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

const LATE = 'a write that was given up would be sent later';
const PREFIX: Rule = {
  name: 'keyPrefix',
  allows: (value) => value === undefined || value === null || value === '',
  expected: "absent: the store has a prefix of its own (the option 'prefix')",
};
const COMMAND_TIMEOUT: Rule = {
  name: 'commandTimeout',
  allows: isTime,
  expected: 'a number of milliseconds, such as 5000: a command would wait for ever',
};
const AUTO_PIPELINING: Rule = {
  name: 'enableAutoPipelining',
  allows: (value) => value !== true,
  expected: `false: ${LATE}; the store batches by itself`,
};

const OF_CONNECTION: readonly Rule[] = [
  mustBe('enableOfflineQueue', false, LATE),
  mustBe('autoResendUnfulfilledCommands', false, LATE),
  COMMAND_TIMEOUT,
  {
    name: 'maxRetriesPerRequest',
    allows: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_RETRIES,
    expected: `a whole number from 0 to ${MOST_RETRIES}: a command of a lost connection would wait for ever`,
  },
  PREFIX,
  {
    name: 'readOnly',
    allows: (value) => value !== true,
    expected: 'false: a replica may lack what was written last',
  },
  {
    name: 'role',
    allows: (value) => value === undefined || value === 'master',
    expected: "'master': a replica may lack what was written last",
  },
  AUTO_PIPELINING,
];

const OF_CLUSTER: readonly Rule[] = [
  mustBe('enableOfflineQueue', false, LATE),
  mustBe('scaleReads', 'master', 'a replica may lack what was written last'),
  mustBe(
    'retryDelayOnFailover',
    0,
    'a command whose connection was lost would be sent a second time, perhaps after a later one',
  ),
  mustBe('retryDelayOnClusterDown', 0, LATE),
  mustBe('retryDelayOnTryAgain', 0, LATE),
  {
    name: 'maxRedirections',
    allows: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1,
    expected: 'a whole number of at least 1',
  },
  PREFIX,
  AUTO_PIPELINING,
];

/** In `redisOptions`, for the connections to the nodes. */
const OF_NODES: readonly Rule[] = [COMMAND_TIMEOUT, PREFIX];

/** Where nodes reconnect by themselves. */
const OF_RECONNECTING_NODES: readonly Rule[] = [
  mustBe('autoResendUnfulfilledCommands', false, LATE),
];

/**
 * Refuses a client whose settings would let a write that was given up take effect later, or reads go to a
 * replica.
 * @throws {@link ConfigError} naming the setting, and what it has to be
 */
export function checkClient(client: RedisClient): void {
  if (!isClient(client)) {
    throw new ConfigError('client', client, "a client of ioredis 5 or 6: a 'Redis' or a 'Cluster'");
  }
  const settings = client.options as Settings;
  if (isCluster(client)) {
    checkRules('client.options', settings, OF_CLUSTER);
    checkNodes('client.options.redisOptions', settings);
  } else {
    checkConnection('client.options', settings);
  }
}

/** As {@link checkClient}, for the settings of a client of one server. */
export function checkConnection(path: string, settings: Settings): void {
  checkRules(path, settings, OF_CONNECTION);
}

/** As {@link checkClient}, for the connections to the nodes of a cluster, whose settings these are. */
export function checkNodes(path: string, settings: Settings): void {
  const ofNodes = (settings['redisOptions'] ?? {}) as Settings;
  checkRules(path, ofNodes, OF_NODES);
  if (typeof settings['clusterNodeRetryStrategy'] === 'function') {
    checkRules(path, ofNodes, OF_RECONNECTING_NODES);
  }
}

function isClient(client: unknown): client is RedisClient {
  if (typeof client !== 'object' || client === null) return false;
  const { options, call, callBuffer, on } = client as Partial<RedisClient>;
  return (
    typeof options === 'object' &&
    options !== null &&
    [call, callBuffer, on].every((method) => typeof method === 'function')
  );
}

function checkRules(path: string, settings: Settings, rules: readonly Rule[]): void {
  for (const { name, allows, expected } of rules) {
    if (!allows(settings[name])) throw new ConfigError(`${path}.${name}`, settings[name], expected);
  }
}
