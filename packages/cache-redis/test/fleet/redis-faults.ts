import { setTimeout as wait } from 'node:timers/promises';
import { between, onSeat, PROCESS_FAULTS, type Faults, type Scene } from './nemesis.ts';
import type { Lines, RedisSite } from './redis-site.ts';
import { now } from './truth.ts';

/** What happens to the ways between one process and Redis. */
const LINE_FAULTS: Faults<RedisSite> = {
  'bus cut': (scene) => onLines(scene, ({ bus }) => bus.cut()),
  'bus gone': (scene) =>
    onLines(scene, async ({ bus }) => {
      await bus.cut({ refuse: true });
      await wait(between(scene, 200, 2500));
      await bus.resume();
    }),
  'bus black hole': (scene) =>
    onLines(scene, async ({ bus }) => {
      bus.blackHole();
      await wait(between(scene, 1000, 6000));
      await bus.resume();
    }),
  'bus deaf': (scene) =>
    onLines(scene, async ({ bus }) => {
      bus.blackHole('toClient');
      await wait(between(scene, 1000, 5000));
      await bus.resume();
    }),
  'bus held': (scene) =>
    delaying(
      scene,
      ({ bus }) => bus.hold(),
      ({ bus }) => bus.release(),
    ),
  'bus slow': (scene) =>
    delaying(
      scene,
      ({ bus }, most) => bus.delay(most),
      ({ bus }) => bus.delay(0),
    ),
  'commands cut': (scene) => onLines(scene, ({ store }) => store.cut()),
  'commands gone': (scene) =>
    onLines(scene, async ({ store }) => {
      await store.cut({ refuse: true });
      await wait(between(scene, 200, 3000));
      await store.resume();
    }),
  'commands black hole': (scene) =>
    onLines(scene, async ({ store }) => {
      store.blackHole();
      await wait(between(scene, 500, 6000));
      await store.resume();
    }),
  'replies lost': (scene) =>
    onLines(scene, async ({ store }) => {
      store.blackHole('toClient');
      await wait(between(scene, 300, 3000));
      await store.resume();
    }),
  'commands held': (scene) =>
    onLines(scene, async ({ store }) => {
      store.hold('toServer');
      await wait(between(scene, 200, 3000));
      store.release('toServer');
    }),
  'commands late': (scene) =>
    onLines(scene, (lines) => holdPresentConnections(lines, between(scene, 500, 9000))),
  'replies late': (scene) =>
    onLines(scene, async ({ store }) => {
      store.delay(Math.round(between(scene, 50, 400)), 'toClient');
      await wait(between(scene, 500, 3000));
      store.delay(0, 'toClient');
    }),
  'bus and commands gone': (scene) =>
    onLines(scene, async ({ store, bus }) => {
      store.blackHole();
      bus.blackHole();
      await wait(between(scene, 2000, 7000));
      await Promise.all([store.resume(), bus.resume()]);
    }),
};

/** What happens to Redis itself. */
const SERVER_FAULTS: Faults<RedisSite> = {
  frozen: async (scene) => {
    const { redis } = scene.fleet.site;
    await redis.freeze();
    await wait(between(scene, 300, 4000));
    await redis.thaw();
  },
  'killed, and back as it was': async ({
    fleet: {
      site: { redis },
    },
  }) => {
    await redis.kill();
    await redis.restart();
  },
  'away for a while': async (scene) => {
    const { redis } = scene.fleet.site;
    await redis.kill();
    await wait(between(scene, 500, 4000));
    await redis.restart();
  },
  'back empty': async ({
    fleet: {
      site: { redis },
    },
  }) => {
    await redis.kill();
    await redis.restart({ keepData: false });
  },
  'a copy is made': ({ fleet: { site } }) => site.keepCopy(),
  'back with an older copy': async ({ fleet }) => {
    const rollback = await fleet.site.restoreCopy();
    if (rollback !== undefined) fleet.rolledBack(rollback);
  },
  'no room, nothing evicted': (scene) => withoutRoom(scene, 'noeviction'),
  'no room, anything with a lifetime evicted': (scene) => withoutRoom(scene, 'volatile-lru'),
  'ledger lost': async ({ fleet }) => {
    await fleet.site.redis.command('DEL', `{${fleet.prefix}}:ledger`);
  },
  'keys lost': async (scene) => {
    const end = now() + between(scene, 200, 1500);
    while (now() < end) await loseSome(scene);
  },
  'scripts lost': async ({
    fleet: {
      site: { redis },
    },
  }) => {
    await redis.command('SCRIPT', 'FLUSH');
  },
  'clients killed': async (scene) => {
    const type = scene.random() < 0.5 ? 'normal' : 'pubsub';
    await scene.fleet.site.redis.command('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
  },
  'nothing for a while': (scene) => wait(between(scene, 1000, 5000)),
  'everything flushed': async ({
    fleet: {
      site: { redis },
    },
  }) => {
    await redis.command('FLUSHALL');
  },
};

/** All of them: one of the ways and the processes at a time, and one of the server. */
export const REDIS_FAULTS: readonly Faults<RedisSite>[] = [
  { ...LINE_FAULTS, ...PROCESS_FAULTS },
  SERVER_FAULTS,
];

function onLines(scene: Scene<RedisSite>, act: (lines: Lines) => Promise<void>): Promise<void> {
  return onSeat(scene, ({ slot }) => act(scene.fleet.site.linesOf(slot)));
}

async function delaying(
  scene: Scene<RedisSite>,
  begin: (lines: Lines, most: number) => void,
  end: (lines: Lines) => void,
): Promise<void> {
  await onLines(scene, async (lines) => {
    const from = now();
    const most = Math.round(between(scene, 50, 600));
    begin(lines, most);
    await wait(most);
    end(lines);
    scene.fleet.delayed(from, now() - from);
  });
}

/** What was sent on the present connections arrives when the process has long given it up and reconnected. */
async function holdPresentConnections({ store }: Lines, milliseconds: number): Promise<void> {
  const held = store.connections();
  for (const connection of held) connection.hold('toServer');
  await wait(milliseconds);
  for (const connection of held) connection.release('toServer');
}

async function withoutRoom(scene: Scene<RedisSite>, policy: string): Promise<void> {
  const { redis } = scene.fleet.site;
  const info = String(await redis.command('INFO', 'memory'));
  const used = Number(/used_memory:(\d+)/.exec(info)?.[1] ?? 0);
  await redis.command(
    'CONFIG',
    'SET',
    'maxmemory-policy',
    policy,
    'maxmemory',
    String(used + 1000),
  );
  await wait(between(scene, 300, 3000));
  await redis.command('CONFIG', 'SET', 'maxmemory', '0');
}

/** Some values and tickets go, as by eviction. */
async function loseSome({ fleet, random }: Scene<RedisSite>): Promise<void> {
  const names: string[] = [];
  for (let n = 0; n < 20; n++) {
    const name = await fleet.site.redis.command('RANDOMKEY');
    if (typeof name === 'string' && !name.endsWith(':ledger')) names.push(name);
  }
  const pattern = `{${fleet.prefix}:*}:t`;
  const [, tickets] = (await fleet.site.redis.command(
    'SCAN',
    '0',
    'MATCH',
    pattern,
    'COUNT',
    '500',
  )) as [string, string[]];
  names.push(...tickets.filter(() => random() < 0.5));
  if (names.length > 0) await fleet.site.redis.command('UNLINK', ...names);
}
