import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

/** Milliseconds in a second for which a limit may keep a process off the processor. */
const THROTTLED = 50;

/** The one processor of the event loop, or all that the process may have, are used up. */
export const cpuSaturation: Rule = {
  cause: 'cpu-saturation',
  inspect(observation) {
    if (!observation.knows('cpuShare')) return undefined;
    const { thresholds, profile } = observation;
    const { cpus } = profile.limits;
    const used = observation.quantile('cpuShare', 0.5);
    // Threads of libuv and V8 count as well, so the loop's own part is at most its utilization.
    const loop = Math.min(
      used,
      observation.knows('loopUtilization') ? observation.quantile('loopUtilization', 0.5) : 0,
    );
    const ofAll = used / cpus;
    const share = Math.max(ofAll, loop);
    const throttled = observation.knows('cpuThrottled') ? observation.mean('cpuThrottled') : 0;
    const isThrottled = throttled > THROTTLED;
    if (share < thresholds.cpu.warning && !isThrottled) return [];
    const isLoop = !isThrottled && loop > ofAll;
    const target = Math.max(2, Math.ceil((isLoop ? loop : used) / 0.6));
    return [
      {
        cause: 'cpu-saturation',
        intensity: isThrottled
          ? Math.max(throttled / 500, intensityOf(share, thresholds.cpu))
          : intensityOf(share, thresholds.cpu),
        confidence: isThrottled ? 0.95 : 0.85,
        subject: undefined,
        summary: isThrottled
          ? `the container's processor limit held the process up for ${Math.round(throttled)} ms of each second`
          : `${Math.round(share * 100)} % of ${isLoop ? "the event loop's processor" : `the ${cpus} processors`} is used`,
        evidence: [
          { what: 'processor use', value: used * 100, unit: '%' },
          {
            what: 'of what there is',
            value: share * 100,
            unit: '%',
            limit: thresholds.cpu.warning * 100,
          },
          ...(throttled > 0
            ? [
                {
                  what: 'held up by the limit, of each second',
                  value: throttled,
                  unit: 'ms' as const,
                  limit: THROTTLED,
                },
              ]
            : []),
        ],
        recommendation: isLoop
          ? {
              setting: 'processes of the service (cluster or replicas)',
              from: 1,
              to: target,
              why: 'one event loop uses one processor; more of them share the load. A CPU profile of some seconds tells what it is used for',
            }
          : {
              setting: "processors of the container, or the machine's",
              from: cpus,
              to: Math.max(Math.ceil(cpus) + 1, target),
              why: 'what computes waits for a processor: give it more, or start fewer threads and processes',
            },
        explains: ['slow-dependency', 'pool-exhaustion'],
      },
    ];
  },
};
