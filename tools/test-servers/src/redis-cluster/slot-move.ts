import type { RedisServer } from '../redis/redis-server.ts';
import type { SlotMove } from './redis-cluster.ts';

/** How many keys one MIGRATE takes. */
const BATCH = 100;
/** How long one MIGRATE may stand still, in milliseconds. */
const MIGRATE_TIMEOUT = 5000;

/** Marks the slot on both sides. */
export async function startSlotMove(
  slot: number,
  from: RedisServer,
  to: RedisServer,
  masters: readonly RedisServer[],
): Promise<SlotMove> {
  const [fromId, toId] = [await identity(from), await identity(to)];
  // The target first: once the source answers with ASK, clients go there.
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  const moveKeys = async (count = Infinity): Promise<number> => {
    for (let moved = 0; ;) {
      const batch = Math.min(BATCH, count - moved);
      const keys =
        batch > 0
          ? ((await from.command('CLUSTER', 'GETKEYSINSLOT', slot, batch)) as string[])
          : [];
      if (keys.length === 0) return moved;
      await from.command(
        'MIGRATE',
        to.host,
        to.port,
        '',
        0,
        MIGRATE_TIMEOUT,
        ...(to.password === undefined ? [] : ['AUTH', to.password]),
        'KEYS',
        ...keys,
      );
      moved += keys.length;
    }
  };
  const finish = async (): Promise<void> => {
    await moveKeys();
    // The target again first: it raises its epoch, which the others then believe.
    for (const node of [to, from, ...masters.filter((one) => one !== to && one !== from)]) {
      await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    }
  };
  return { slot, from, to, moveKeys, finish };
}

/** The name by which nodes know each other. */
export async function identity(node: RedisServer): Promise<string> {
  return String(await node.command('CLUSTER', 'MYID'));
}
