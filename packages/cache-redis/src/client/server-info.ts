import { RedisServerError } from '../errors.ts';

/** What a server says of itself, as far as it may be asked. */
export interface ServerInfo {
  /** Of this process; another one after every start. */
  readonly runId: string | undefined;
  /** Of this data; another one after every promotion to a master. */
  readonly replicationId: string | undefined;
  readonly version: string | undefined;
  readonly role: string | undefined;
  readonly evictionPolicy: string | undefined;
  readonly maxMemory: number;
  readonly usedMemory: number | undefined;
  /** Whether its last attempt to write to its disk failed. */
  readonly cannotPersist: boolean;
}

/** The oldest version that is tested. */
const OLDEST_VERSION = [7, 0] as const;

/** Reads the answer of `INFO`; nothing where it was not allowed. */
export function parseServerInfo(answer: unknown): ServerInfo {
  const fields = new Map<string, string>();
  for (const line of (typeof answer === 'string' ? answer : '').split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const used = fields.get('used_memory');
  return {
    runId: fields.get('run_id'),
    replicationId: fields.get('master_replid'),
    version: fields.get('redis_version'),
    role: fields.get('role'),
    evictionPolicy: fields.get('maxmemory_policy'),
    maxMemory: Number(fields.get('maxmemory') ?? 0),
    usedMemory: used === undefined ? undefined : Number(used),
    cannotPersist: ['rdb_last_bgsave_status', 'aof_last_write_status'].some(
      (name) => fields.get(name) === 'err',
    ),
  };
}

/** What endangers the cache on such a server. */
export function problemsOf(server: string, info: ServerInfo): readonly RedisServerError[] {
  const { runId, version, role, evictionPolicy, maxMemory, cannotPersist } = info;
  const problems: RedisServerError[] = [];
  if (evictionPolicy?.startsWith('allkeys-') === true && maxMemory > 0) {
    problems.push(
      new RedisServerError(
        server,
        'eviction',
        `has the maxmemory-policy ${evictionPolicy}, which may evict the ledger, and with it the use of all entries. ` +
          `Run: CONFIG SET maxmemory-policy volatile-lfu`,
      ),
    );
  }
  if (version !== undefined && isTooOld(version)) {
    problems.push(
      new RedisServerError(
        server,
        'version',
        `is version ${version}; this package needs ${OLDEST_VERSION.join('.')} or newer`,
      ),
    );
  }
  if (role === 'slave') {
    problems.push(
      new RedisServerError(
        server,
        'replica',
        'is a replica and takes no writes; connect to the master, by its address or through Sentinel',
      ),
    );
  }
  if (cannotPersist) {
    problems.push(
      new RedisServerError(
        server,
        'persistence',
        'cannot write to its disk, and refuses writes until it can (stop-writes-on-bgsave-error). See its log',
      ),
    );
  }
  if (runId === undefined) {
    problems.push(
      new RedisServerError(
        server,
        'unknown',
        'does not answer INFO, so every reconnection counts as a failover. Allow it: ACL SETUSER <user> +info',
      ),
    );
  }
  return problems;
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
}
