import { setTimeout as wait } from 'node:timers/promises';
import type { RedisServer, SlotMove } from '@perf/test-servers';
import { KeySpace } from '../../src/keys/key-space.ts';
import type { ClusterSite } from './cluster-site.ts';
import { keyNames } from './keys.ts';
import { between, PROCESS_FAULTS, type Faults, type Scene } from './nemesis.ts';

/** How many of the keys that are asked for most often are among those whose slots move, and how many do one after the other. */
const WANTED = 20;
const MOVES = 4;

/** What happens to slots and masters. */
const NODE_FAULTS: Faults<ClusterSite> = {
  'slots move': async (scene) => {
    const names = keyNames(WANTED);
    for (let moves = 0; moves < MOVES; moves++) {
      const key = Math.floor(between(scene, 0, WANTED));
      await moveSlot(scene, space(scene).valueOf(names.nameOf(key)));
    }
  },
  "the ledger's slot moves": (scene) => moveSlot(scene, space(scene).ledger),
  'a master frozen': async (scene) => {
    const master = await masterOf(scene);
    await master?.freeze();
    await wait(between(scene, 200, 1500));
    await master?.thaw();
  },
  'a master killed, and back as it was': async (scene) => {
    const master = await masterOf(scene);
    await master?.kill();
    await wait(between(scene, 200, 1500));
    await master?.restart();
    await scene.fleet.site.cluster.ready();
  },
};

/** All of them: processes, and nodes, one of each at a time. */
export const CLUSTER_FAULTS: readonly Faults<ClusterSite>[] = [PROCESS_FAULTS, NODE_FAULTS];

function space({ fleet }: Scene<ClusterSite>): KeySpace {
  return new KeySpace(fleet.prefix);
}

async function masterOf(scene: Scene<ClusterSite>): Promise<RedisServer | undefined> {
  const masters = await scene.fleet.site.cluster.masters();
  return masters[Math.floor(between(scene, 0, masters.length))];
}

/** The source answers with ASK, or TRYAGAIN, for a while, and with MOVED from then on. */
async function moveSlot(scene: Scene<ClusterSite>, key: string): Promise<void> {
  const { cluster } = scene.fleet.site;
  const from = await cluster.masterOf(key);
  const others = (await cluster.masters()).filter((master) => master !== from);
  const to = others[Math.floor(between(scene, 0, others.length))];
  if (to === undefined) return;
  const move: SlotMove = await cluster.startSlotMove(key, to);
  try {
    await wait(between(scene, 0, 800));
    await move.moveKeys(1);
    await wait(between(scene, 0, 200));
  } finally {
    await move.finish();
  }
}
