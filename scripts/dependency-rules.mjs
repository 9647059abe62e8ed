/** Who may depend on whom: packages on each other, and the folders within them. */

/** The packages that each published package may use. Applications and tools may use all of them. */
export const MAY_USE = {
  core: [],
  'cache-core': ['core'],
  'cache-redis': ['core', 'cache-core'],
  'cache-fs': ['core', 'cache-core'],
  'cache-sqlite': ['core', 'cache-core'],
  'cache-memcached': ['core', 'cache-core'],
  resilience: ['core'],
  pool: ['core', 'resilience'],
  metrics: ['core'],
  http: ['core', 'cache-core'],
  dashboard: ['core', 'metrics', 'http'],
};
MAY_USE.kit = Object.keys(MAY_USE);

/**
 * The folders of a package's `src`, and which of them each may import from; every folder has a row. Files
 * beside the folders are free to all, and may import all.
 */
export const FOLDERS_MAY_USE = {
  'cache-core': {
    contracts: [],
    keys: [],
    codec: ['contracts'],
    eviction: [],
    invalidation: ['contracts'],
    memory: ['eviction', 'invalidation'],
    local: ['invalidation', 'memory'],
    bus: ['contracts', 'invalidation'],
    stores: ['contracts', 'invalidation', 'bus'],
    context: ['contracts', 'codec', 'invalidation', 'memory', 'local', 'bus', 'stores'],
    entries: ['contracts', 'keys', 'codec', 'invalidation', 'local', 'stores', 'context'],
    loading: ['contracts', 'keys', 'codec', 'invalidation', 'local', 'context', 'entries'],
    tiered: [
      'contracts',
      'keys',
      'codec',
      'invalidation',
      'memory',
      'local',
      'bus',
      'stores',
      'context',
      'entries',
      'loading',
    ],
    testing: ['contracts', 'keys', 'codec'],
  },
  'cache-sqlite': {
    database: [],
    entries: ['database'],
    fencing: ['database', 'entries'],
    session: ['database', 'entries', 'fencing'],
    maintenance: ['session'],
    worker: ['database', 'entries'],
  },
  'cache-redis': {
    keys: [],
    scripts: [],
    client: ['scripts'],
    batching: ['client', 'scripts'],
    entries: ['keys', 'scripts', 'client', 'batching'],
    fencing: ['keys', 'scripts', 'client', 'batching', 'entries'],
    bus: ['client'],
  },
  resilience: {
    execution: [],
    waiting: ['execution'],
    batcher: [],
    'adaptive-bulkhead': ['execution', 'waiting'],
    timeout: ['execution'],
    hedge: ['execution'],
    'breaker-registry': ['execution', 'circuit-breaker'],
    limiters: [],
    'rate-limit': ['execution', 'limiters'],
    testing: ['limiters'],
    'circuit-breaker': ['execution'],
    redis: ['limiters'],
    decorators: [
      'execution',
      'circuit-breaker',
      'retry',
      'timeout',
      'bulkhead',
      'adaptive-bulkhead',
      'rate-limit',
      'hedge',
    ],
    bulkhead: ['execution', 'waiting'],
    retry: ['execution'],
    fallback: ['execution'],
    pipeline: ['execution', 'circuit-breaker', 'retry', 'timeout', 'rate-limit'],
  },
  pool: {
    statistics: [],
    leaks: [],
    configuration: [],
    admission: ['statistics'],
    registry: [],
    environment: ['configuration'],
    monitor: ['statistics'],
    autoscale: ['statistics'],
    object: ['admission', 'statistics', 'leaks', 'configuration'],
    clickhouse: ['admission', 'statistics', 'leaks', 'configuration'],
    http: ['admission', 'statistics', 'leaks', 'configuration'],
    postgres: ['admission', 'statistics', 'configuration', 'object'],
  },
  metrics: {
    exponential: [],
    series: [],
    windows: ['exponential'],
    instruments: ['exponential', 'series', 'windows'],
    snapshot: ['exponential', 'series', 'instruments'],
    exposition: ['exponential', 'series', 'instruments', 'snapshot'],
    registry: ['exponential', 'series', 'windows', 'instruments', 'snapshot', 'exposition'],
    collectors: ['series', 'instruments', 'registry'],
    workers: ['snapshot', 'exposition', 'registry'],
    history: ['series', 'snapshot', 'registry'],
    otel: ['exponential', 'snapshot', 'registry'],
    files: [],
    signals: ['exponential'],
    runtime: ['instruments', 'registry', 'signals'],
    memory: ['files', 'signals'],
    profiler: ['exponential', 'series', 'files', 'signals'],
    decorators: ['profiler'],
    trends: [],
    diagnose: ['trends', 'profiler'],
    alerts: ['trends'],
    report: ['trends', 'profiler', 'diagnose', 'alerts'],
  },
  'cache-fs': {
    ordering: [],
    disk: [],
    entries: ['disk', 'ordering'],
    maintenance: ['disk', 'ordering', 'entries'],
  },
};
/** What folders may take the types of, beyond that: it is gone when the program runs. */
export const FOLDERS_MAY_NAME = {
  // What a policy orders are the tables of the cache that it serves.
  'cache-core': { eviction: ['memory'] },
  // Who runs on a session is handed it.
  'cache-sqlite': { entries: ['session'], fencing: ['session'] },
  'cache-fs': { entries: ['maintenance'] },
  // Whose operations are told is handed over.
  metrics: { collectors: ['profiler'] },
};

/** Packages that install nothing but these. */
export const INSTALLS_ONLY = { core: [], 'cache-core': ['@perf/core'] };
