import { setTimeout as wait } from 'node:timers/promises';
import { between, PROCESS_FAULTS, type Faults, type Scene } from './nemesis.ts';
import type { SentinelSite } from './sentinel-site.ts';

/** What makes the Sentinels choose another primary. */
const FAILOVERS: Faults<SentinelSite> = {
  'primary killed': (scene) =>
    failOver(
      scene,
      (primary) => primary.kill(),
      (primary) => primary.restart(),
    ),
  'primary frozen': (scene) =>
    failOver(
      scene,
      (primary) => primary.freeze(),
      (primary) => primary.thaw(),
    ),
};

/** All of them: processes, and the primary, one of each at a time. */
export const SENTINEL_FAULTS: readonly Faults<SentinelSite>[] = [PROCESS_FAULTS, FAILOVERS];

async function failOver(
  scene: Scene<SentinelSite>,
  ...how: Parameters<SentinelSite['failOver']>
): Promise<void> {
  const { fleet } = scene;
  fleet.rolledBack(await fleet.site.failOver(...how));
  await wait(between(scene, 500, 2000));
}
