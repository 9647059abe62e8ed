import { loadavg } from 'node:os';
import { redisIsMissing, startRedis } from '@perf/test-servers';
import type { Group, GroupContext } from '../harness/group.ts';
import type { PairedCosts } from '../harness/paired-costs.ts';
import { plainTable } from '../harness/result-table.ts';
import { judge } from '../harness/target.ts';
import { hostFindings, localFindings, redisFindings, type Findings } from '../tiered/findings.ts';
import { measureHostStores } from '../tiered/host-stores/measure-host-stores.ts';
import * as host from '../tiered/host-stores/names.ts';
import { WORKLOADS } from '../tiered/host-stores/workloads.ts';
import { measureLocalHits } from '../tiered/local-hits/measure-local-hits.ts';
import * as local from '../tiered/local-hits/names.ts';
import { AWAITED } from '../tiered/local-hits/workloads.ts';
import { measureFleet } from '../tiered/measure-fleet.ts';
import { measureLock } from '../tiered/outages/measure-lock.ts';
import { measureRedisSpeed } from '../tiered/redis-speed/measure-redis-speed.ts';
import * as redis from '../tiered/redis-speed/workloads.ts';
import { TIERED_TARGETS } from '../tiered/targets.ts';
import { writeLocalHitsChart, writeRedisHitsChart } from '../tiered/tiered-charts.ts';

type Control = readonly [costs: PairedCosts, workload: string, subject: string, rival: string];

/** The tiered cache: hits in memory and in stores, instances, outages. Rows tier-1 to tier-13. */
export const tiered: Group = {
  async run(context) {
    const { output } = context;
    output.line(`load average at the start: ${loads()}`);
    const missing = await redisIsMissing();
    const findings: Findings[] = [];
    const controls: Control[] = [];
    if (missing === undefined) await measureWithRedis(context, findings, controls);
    else await measureMemory(undefined, context, findings, controls);
    const stores = await measureHostStores(['sqlite', 'files'], context);
    findings.push(hostFindings(stores), {
      'longest turn while another holds SQLite’s lock': await output.task(
        'SQLite locked by another process',
        1,
        () => measureLock(context.quick ? 2 : 5),
      ),
    });
    for (const { get, set } of Object.values(WORKLOADS)) {
      for (const workload of [get, set]) {
        controls.push([stores, workload, host.CONTROL, host.OURS]);
      }
    }
    output.line('\nnull control: the same twice');
    output.line(controlTable(controls));
    output.line(`load average at the end: ${loads()}`);
    const all: Findings = Object.assign({}, ...findings);
    return TIERED_TARGETS.map((target) =>
      judge(target, all[target.finding] ?? { skipped: missing ?? 'it was not measured' }),
    );
  },
};

async function measureWithRedis(
  context: GroupContext,
  findings: Findings[],
  controls: Control[],
): Promise<void> {
  // What a cache needs: nothing that waits for a disk.
  await using server = await startRedis({ config: { appendonly: 'no' } });
  await measureMemory(server.url, context, findings, controls);
  const costs = await measureRedisSpeed(server.url, context);
  findings.push(redisFindings(costs), await measureFleet(server, context));
  for (const workload of [...redis.CONCURRENCIES.map(redis.readsBy), redis.SETS]) {
    controls.push([costs, workload, redis.CONTROL, redis.RAW]);
  }
  if (context.plots) context.output.line(`wrote ${await writeRedisHitsChart(costs)}`);
}

async function measureMemory(
  url: string | undefined,
  context: GroupContext,
  findings: Findings[],
  controls: Control[],
): Promise<void> {
  const hits = await measureLocalHits(url, context);
  findings.push(localFindings(hits));
  controls.push([hits, AWAITED, local.CONTROL, local.BARE]);
  if (context.plots) context.output.line(`wrote ${await writeLocalHitsChart(hits)}`);
}

function controlTable(controls: readonly Control[]): string {
  const rows = controls.flatMap(([costs, workload, subject, rival]) => {
    const ratio = costs.speed(workload, subject, rival)?.ratio;
    if (ratio === undefined) return [];
    const [smallest, largest] = costs.spread(workload, subject, rival);
    return [
      [workload, rival, `${ratio.toFixed(2)} ×`, `${smallest.toFixed(2)} – ${largest.toFixed(2)}`],
    ];
  });
  return plainTable([['workload', 'subject', 'median', 'single processes'], ...rows], 2);
}

function loads(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(', ');
}
