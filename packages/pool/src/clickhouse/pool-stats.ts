import { noneDestroyed } from '../statistics/pool-stats.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import type { Connections } from './connections.ts';
import type { Requests } from './requests.ts';
import type { ClickHousePoolStats } from './telemetry.ts';

/** @param connections `undefined` with a client that was handed in, of which they are not known */
export function statsOf(
  requests: Requests,
  connections: Connections | undefined,
): ClickHousePoolStats {
  const { failures, retries } = requests;
  const { admission, useTimes, leaks } = requests.turns;
  const { name, min, max, maxIdle, clock } = requests.settings;
  const { limit, active, waiting, acquired, released } = admission;
  const { timeouts, rejected, aborted, acquireTimes } = admission;
  const idle = connections?.idle ?? 0;
  return {
    name,
    min,
    max,
    maxIdle,
    limit,
    total: active + idle,
    active,
    idle,
    connecting: connections?.connecting ?? 0,
    waiting,
    utilization: active / limit,
    acquired,
    released,
    created: connections?.created ?? 0,
    destroyed: { ...(connections?.destroyed ?? noneDestroyed()) },
    timeouts,
    rejected,
    aborted,
    errors: connections?.errors ?? 0,
    leaked: leaks?.leaked ?? 0,
    acquireMs: acquireTimes.read(),
    useMs: useTimes.read(),
    connectMs: (connections?.connectTimes ?? new TimingWindow(clock)).read(),
    retries,
    failures,
  };
}
