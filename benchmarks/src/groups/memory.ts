import type { OurPolicy } from '../caches/our-policies.ts';
import type { Group } from '../harness/group.ts';
import { plainTable } from '../harness/result-table.ts';
import { judge, type Skipped } from '../harness/target.ts';
import { measureSpace, spaceFigure } from '../memory/measure-space.ts';
import { measureSpeed } from '../memory/measure-speed.ts';
import type { SpeedMeasurement } from '../memory/speed-measurement.ts';
import { writeSpeedChart } from '../memory/speed-chart.ts';
import { WORKLOAD_TITLES, type Workload } from '../memory/speed.ts';
import { CONTROL } from '../memory/subjects.ts';
import { POLICY_TARGETS, SPEED_TARGETS } from '../memory/targets.ts';

const SPACE_POLICIES: readonly OurPolicy[] = ['lru', 'adaptive'];
const STALL_POLICIES: readonly OurPolicy[] = ['lru', 'adaptive', 'sieve', 's3fifo'];

/** Speed, space and stalls of the memory cache: rows mem-1 to mem-9. */
export const memory: Group = {
  async run(context) {
    const speed = await measureSpeed(context);
    const space = await measureSpace(SPACE_POLICIES, STALL_POLICIES, context);
    context.output.line(`\nnull control: lru-cache against a second copy of itself`);
    context.output.line(controlTable(speed));
    if (context.plots) context.output.line(`wrote ${await writeSpeedChart(speed)}`);
    return [
      ...SPEED_TARGETS.map((target) => {
        const { suite, workload, subject, rival } = target;
        return judge(target, speed.compare(suite, workload, subject, rival) ?? absent(subject));
      }),
      ...POLICY_TARGETS.map((target) =>
        judge(target, spaceFigure(space, target.policy, target.figure) ?? absent(target.policy)),
      ),
    ].toSorted((a, b) => a.id.localeCompare(b.id));
  },
};

function absent(subject: string): Skipped {
  return { skipped: `${subject} was not measured` };
}

function controlTable(speed: SpeedMeasurement): string {
  const rows = (['plain', 'ttl', 'small'] as const).flatMap((suite) =>
    (Object.keys(WORKLOAD_TITLES) as Workload[]).flatMap((workload) => {
      const finding = speed.compare(suite, workload, CONTROL, 'lru-cache');
      if (finding === undefined) return [];
      const spread = speed.spread(suite, workload, CONTROL, 'lru-cache');
      const [smallest, largest] = spread.map((ratio) => ratio.toFixed(2));
      return [
        [
          suite,
          WORKLOAD_TITLES[workload],
          `${finding.ratio?.toFixed(2)} ×`,
          `${smallest} – ${largest}`,
        ],
      ];
    }),
  );
  return plainTable([['suite', 'workload', 'median', 'single processes'], ...rows], 2);
}
