import { quantileOf } from '../../trends/series.ts';
import type { Observation } from '../observation.ts';
import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

/** Fewer blocks are what every process has when it starts, or compiles. */
const FEWEST_BLOCKS = 3;
/** The part of the time that blocks have to take together. */
const LEAST_SHARE = 0.02;

/** A stretch for which the event loop stood still by the program's own doing, in milliseconds. */
interface Block {
  readonly length: number;
  /** Processor time of the process in the meantime. */
  readonly cpu: number;
}

/** Turns of the event loop that take long: synchronous work, or synchronous waiting. */
export const eventLoopBlocked: Rule = {
  cause: 'event-loop-blocked',
  inspect(observation) {
    if (!observation.knows('loopDelayMax')) return undefined;
    const levels = observation.thresholds.loopDelay;
    const blocks = ownBlocks(observation).filter(({ length }) => length >= levels.warning);
    const total = blocks.reduce((sum, { length }) => sum + length, 0);
    const share = total / observation.span;
    if (blocks.length < FEWEST_BLOCKS || share < LEAST_SHARE) return [];
    const typical = quantileOf(
      blocks.map(({ length }) => length),
      0.75,
    );
    const cpu = Math.min(1, blocks.reduce((sum, block) => sum + block.cpu, 0) / total);
    const isWaiting = cpu < 0.4;
    const culprit = longestOperation(observation, typical);
    return [
      {
        cause: 'event-loop-blocked',
        intensity: intensityOf(typical, levels) * Math.min(1, share / 0.1) + share,
        confidence: Math.min(0.99, 1 - Math.exp(-blocks.length / 3) * 0.5),
        subject: culprit,
        summary: `the event loop stood still ${blocks.length} times for about ${Math.round(typical)} ms, ${Math.round(share * 100)} % of the time`,
        evidence: [
          {
            what: 'blocks of the event loop, p75',
            value: typical,
            unit: 'ms',
            limit: levels.warning,
          },
          { what: 'blocks', value: blocks.length, unit: 'count' },
          { what: 'time in blocks', value: share * 100, unit: '%', limit: LEAST_SHARE * 100 },
          { what: 'processor use in blocks', value: cpu * 100, unit: '%' },
          {
            what: 'utilization of the event loop',
            value: observation.mean('loopUtilization') * 100,
            unit: '%',
          },
        ],
        recommendation: {
          setting:
            culprit === undefined ? 'the longest synchronous stretch' : `operation ${culprit}`,
          from: `${Math.round(typical)} ms at a time`,
          to: `at most ${Math.round(levels.warning)} ms at a time`,
          why: isWaiting
            ? 'the process waited in a synchronous call: use the asynchronous form of what reads files, runs programs or locks'
            : 'the process computed: move it to a worker thread, or cut it into pieces and let the loop turn between them; a CPU profile of some seconds names the function',
        },
        explains: ['cpu-saturation', 'slow-dependency', 'pool-exhaustion', 'failing-dependency'],
      },
    ];
  },
};

/**
 * The longest block of each sample, without what collections of garbage account for, and of that the part in which the process ran: one that
 * has to wait for a processor is late without being to blame.
 */
function ownBlocks(observation: Observation): readonly Block[] {
  return observation.map((at) => {
    const interval = at('interval');
    const busy = orElse(at('loopUtilization'), 1) * interval;
    const cpu = orElse(at('cpuShare'), 1) * interval;
    const waited = orElse(at('cpuWait'), 0);
    const ran = waited > 0 ? cpu / (cpu + waited) : 1;
    const length = (Math.min(at('loopDelayMax'), busy) - orElse(at('gcPauseMax'), 0)) * ran;
    return { length, cpu: Math.min(length, cpu) };
  });
}

/** The operation that takes about as long as a block, if there is one: synchronous ones show in no other way. */
function longestOperation({ profile }: Observation, block: number): string | undefined {
  const fitting = profile.operations
    .filter(
      ({ recent }) => recent.count > 0 && recent.p95 >= block * 0.7 && recent.p50 <= block * 3,
    )
    .toSorted((a, b) => a.recent.p50 - b.recent.p50);
  const found = fitting[0];
  return found === undefined ? undefined : `${found.component}.${found.operation}`;
}

function orElse(value: number, fallback: number): number {
  return Number.isFinite(value) ? value : fallback;
}
