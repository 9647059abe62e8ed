import { redisIsMissing, startRedis } from '@perf/test-servers';
import { plainTable } from '../../harness/result-table.ts';
import { judge, type Finding, type Target } from '../../harness/target.ts';
import type { Family } from '../../harness/family.ts';
import { measureFleet, type FleetFigures } from './fleet.ts';
import { measureOutage } from './outages.ts';

const PEER = 'rate-limiter-flexible';

function most(
  id: string,
  what: string,
  unit: string,
  must: number,
  reach: number,
  peerName = '',
): Target {
  return { id, what, peerName, unit, judged: 'ours', bound: 'at most', must, reach };
}

const ERROR = most('res-10', '4 processes, leases, 50,000/s: error', '%', 1, 0.2, PEER);
/** Twice what a lease interval brings back. */
const EXCESS = most(
  'res-10',
  'the same: most above rate · W + burst',
  'admitted',
  2000,
  1000,
  PEER,
);
const COMMANDS: Target = {
  ...most('res-10', 'the same: times fewer Redis commands', 'of 1,000 requests', 10, 30, PEER),
  judged: 'ratio',
  bound: 'at least',
};
const OUTAGES = [
  ['freeze', 'lease', most('res-11', 'longest decision, Redis frozen, leases', 'ms', 60, 55)],
  ['freeze', 'strict', most('res-11', 'the same, strict', 'ms', 60, 55)],
  ['kill', 'lease', most('res-11', 'longest decision, Redis killed, leases', 'ms', 60, 55)],
  ['kill', 'strict', most('res-11', 'the same, strict', 'ms', 60, 55)],
] as const;

/** Limits that processes share, and what decides when Redis does not. */
export const redisLimits: Family = async ({ quick, output }) => {
  const missing = await redisIsMissing();
  if (missing !== undefined) {
    const skipped = { skipped: missing };
    return [ERROR, EXCESS, COMMANDS, ...OUTAGES.map(([, , target]) => target)].map((target) =>
      judge(target, skipped),
    );
  }
  const duration = quick ? 2000 : 5000;
  const runs = quick ? 1 : 5;
  const [ours, peer] = await output.task('four processes on one Redis', 2, async (onDone) => {
    await using redis = await startRedis({ config: { appendonly: 'no' } });
    const lease = await measureFleet(redis, 'lease', duration, runs);
    onDone(1);
    const flexible = await measureFleet(redis, 'rate-limiter-flexible', duration, runs);
    onDone(2);
    return [lease, flexible] as const;
  });
  output.line(fleetTable(ours, peer));
  const pair = (name: keyof FleetFigures): Finding => ({ ours: ours[name], peer: peer[name] });
  const commands = { ...pair('commands'), ratio: peer.commands / ours.commands };
  const latencies = await output.task('Redis gone', OUTAGES.length, async (onDone) => {
    const all: number[] = [];
    for (const [how, subject] of OUTAGES) {
      all.push(await measureOutage(how, subject, quick ? 1 : 5));
      onDone(all.length);
    }
    return all;
  });
  return [
    judge(ERROR, pair('error')),
    judge(EXCESS, pair('excess')),
    judge(COMMANDS, commands),
    ...OUTAGES.map(([, , target], index) =>
      judge(target, { ours: latencies[index] ?? Number.NaN }),
    ),
  ];
};

function fleetTable(ours: FleetFigures, peer: FleetFigures): string {
  return plainTable(
    [
      ['limiter', 'offered', 'error', 'above rate · W + burst', 'commands for 1,000 requests'],
      fleetRow('@perf redisRateLimiter, leases', ours),
      fleetRow(PEER, peer),
    ],
    1,
  );
}

function fleetRow(name: string, { offered, signed, excess, commands }: FleetFigures): string[] {
  return [
    name,
    `${offered.toFixed(1)} × the limit`,
    `${signed.toFixed(2)} %`,
    excess.toFixed(0),
    commands.toFixed(2),
  ];
}
