import { intensityOf } from '../thresholds.ts';
import type { Rule } from './rule.ts';

const MB = 1024 * 1024;
const MOST_THREADS = 1024;

/** What needs a thread of libuv waits for one, or for the disk. */
export const threadPoolStarvation: Rule = {
  cause: 'thread-pool-starvation',
  inspect(observation) {
    if (!observation.knows('threadPoolDelay')) return undefined;
    const { thresholds, profile } = observation;
    const levels = thresholds.threadPoolDelay;
    const delay = observation.quantile('threadPoolDelay', 0.5);
    if (delay < levels.warning) return [];
    const { threadPool, cpus } = profile.limits;
    const requests = observation.quantile('activeRequests', 0.9);
    const disk = (observation.mean('diskRead') + observation.mean('diskWritten')) / MB;
    const outsideOfLoop = observation.mean('cpuShare') - observation.mean('loopUtilization');
    // Threads that compute need processors, those that wait for a disk or for DNS do not.
    const isComputing = outsideOfLoop > Math.min(threadPool, cpus) * 0.4;
    const enough = isComputing
      ? Math.max(threadPool + 1, Math.ceil(cpus))
      : Math.max(threadPool * 4, 16);
    const to = Math.min(MOST_THREADS, enough);
    return [
      {
        cause: 'thread-pool-starvation',
        intensity: intensityOf(delay, levels),
        confidence: Math.min(0.97, 0.75 + 0.1 * Math.log2(delay / levels.warning + 1)),
        subject: undefined,
        summary: `a trivial file operation takes ${Math.round(delay)} ms: the ${threadPool} threads of libuv are taken, or the disk is slow`,
        evidence: [
          {
            what: 'trivial file operation, median',
            value: delay,
            unit: 'ms',
            limit: levels.warning,
          },
          { what: 'threads', value: threadPool, unit: 'count' },
          ...(Number.isFinite(requests)
            ? [{ what: 'requests under way, p90', value: requests, unit: 'count' as const }]
            : []),
          {
            what: 'utilization of the event loop',
            value: observation.mean('loopUtilization') * 100,
            unit: '%',
          },
          ...(Number.isFinite(disk)
            ? [
                {
                  what: 'read from and written to disks, MB a second',
                  value: disk,
                  unit: '1/s' as const,
                },
              ]
            : []),
        ],
        recommendation: {
          setting: 'UV_THREADPOOL_SIZE',
          from: threadPool,
          to,
          why: isComputing
            ? 'compression or cryptography keeps the threads busy, and file access and DNS wait behind it: as many threads as processors, and the heaviest work into worker threads'
            : 'the threads wait for files or DNS: more of them can wait at once. Set it before the process starts; if the disk itself is slow, more threads only lengthen its queue',
        },
        explains: ['slow-dependency', 'pool-exhaustion', 'failing-dependency'],
      },
    ];
  },
};
