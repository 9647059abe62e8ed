import { setTimeout as wait } from 'node:timers/promises';
import type { RedisSnapshot } from '@perf/test-servers';
import type { Fleet, Seat } from './fleet.ts';
import { SETTERS } from './keys.ts';
import { now } from './truth.ts';

/** Where faults are done, and by which dice. */
export interface Scene {
  readonly fleet: Fleet;
  readonly random: () => number;
  /** A copy of the server's data from before. */
  snapshot: { readonly copy: RedisSnapshot; readonly kept: number } | undefined;
}

/** One thing that goes wrong, for a while; resolves when it is over. */
export type Fault = (scene: Scene) => Promise<void>;

/** What happens to the ways between one process and Redis, or to the process. */
export const SEAT_FAULTS: Readonly<Record<string, Fault>> = {
  'bus cut': (scene) => onSeat(scene, (seat) => seat.bus.cut()),
  'bus gone': (scene) =>
    onSeat(scene, async (seat) => {
      await seat.bus.cut({ refuse: true });
      await wait(between(scene, 200, 2500));
      await seat.bus.resume();
    }),
  'bus black hole': (scene) =>
    onSeat(scene, async (seat) => {
      seat.bus.blackHole();
      await wait(between(scene, 1000, 6000));
      await seat.bus.resume();
    }),
  'bus deaf': (scene) =>
    onSeat(scene, async (seat) => {
      seat.bus.blackHole('toClient');
      await wait(between(scene, 1000, 5000));
      await seat.bus.resume();
    }),
  'bus held': (scene) =>
    delaying(
      scene,
      (seat) => seat.bus.hold(),
      (seat) => seat.bus.release(),
    ),
  'bus slow': (scene) =>
    delaying(
      scene,
      (seat, most) => seat.bus.delay(most),
      (seat) => seat.bus.delay(0),
    ),
  'commands cut': (scene) => onSeat(scene, (seat) => seat.store.cut()),
  'commands gone': (scene) =>
    onSeat(scene, async (seat) => {
      await seat.store.cut({ refuse: true });
      await wait(between(scene, 200, 3000));
      await seat.store.resume();
    }),
  'commands black hole': (scene) =>
    onSeat(scene, async (seat) => {
      seat.store.blackHole();
      await wait(between(scene, 500, 6000));
      await seat.store.resume();
    }),
  'replies lost': (scene) =>
    onSeat(scene, async (seat) => {
      seat.store.blackHole('toClient');
      await wait(between(scene, 300, 3000));
      await seat.store.resume();
    }),
  'commands held': (scene) =>
    onSeat(scene, async (seat) => {
      seat.store.hold('toServer');
      await wait(between(scene, 200, 3000));
      seat.store.release('toServer');
    }),
  'commands late': (scene) =>
    onSeat(scene, (seat) => holdPresentConnections(seat, between(scene, 500, 9000))),
  'sets late': (scene) =>
    onSeat(
      scene,
      (seat) => holdPresentConnections(seat, 5000),
      (seat) => seat.slot < SETTERS,
    ),
  'replies late': (scene) =>
    onSeat(scene, async (seat) => {
      seat.store.delay(Math.round(between(scene, 50, 400)), 'toClient');
      await wait(between(scene, 500, 3000));
      seat.store.delay(0, 'toClient');
    }),
  'bus and commands gone': (scene) =>
    onSeat(scene, async (seat) => {
      seat.store.blackHole();
      seat.bus.blackHole();
      await wait(between(scene, 2000, 7000));
      await Promise.all([seat.store.resume(), seat.bus.resume()]);
    }),
  stalled: (scene) =>
    onSeat(scene, async ({ member }) => {
      member.stall(true);
      await wait(between(scene, 300, 4500));
      member.stall(false);
    }),
  killed: (scene) =>
    onSeat(
      scene,
      (seat) => scene.fleet.replace(seat),
      (seat) => seat.slot >= SETTERS,
    ),
};

/** What no process knows of in time: what was written last, while loads from before it were under way. */
export const END_OF_WRITES: Readonly<Record<string, Fault>> = {
  'the last writes are heard of late': async ({ fleet }) => {
    const from = now();
    const most = 400;
    for (const { bus } of fleet.seats) bus.delay(most);
    await wait(1000);
    fleet.letWrite(false);
    await wait(1000);
    for (const { bus } of fleet.seats) bus.delay(0);
    fleet.delayed(from, most);
  },
};

/** What happens to Redis itself. */
export const SERVER_FAULTS: Readonly<Record<string, Fault>> = {
  frozen: async (scene) => {
    const { redis } = scene.fleet;
    await redis.freeze();
    await wait(between(scene, 300, 4000));
    await redis.thaw();
  },
  'killed, and back as it was': async ({ fleet: { redis } }) => {
    await redis.kill();
    await redis.restart();
  },
  'away for a while': async (scene) => {
    const { redis } = scene.fleet;
    await redis.kill();
    await wait(between(scene, 500, 4000));
    await redis.restart();
  },
  'back empty': async ({ fleet: { redis } }) => {
    await redis.kill();
    await redis.restart({ keepData: false });
  },
  'a copy is made': async (scene) => {
    // What is acknowledged from here on is not in it.
    const kept = now();
    scene.snapshot = { copy: await scene.fleet.redis.saveSnapshot(), kept };
  },
  'back with an older copy': (scene) => restoreCopy(scene),
  'no room, nothing evicted': (scene) => withoutRoom(scene, 'noeviction'),
  'no room, anything with a lifetime evicted': (scene) => withoutRoom(scene, 'volatile-lru'),
  'ledger lost': async ({ fleet }) => {
    await fleet.redis.command('DEL', `{${fleet.prefix}}:ledger`);
  },
  'keys lost': async (scene) => {
    const end = now() + between(scene, 200, 1500);
    while (now() < end) await loseSome(scene);
  },
  'scripts lost': async ({ fleet: { redis } }) => {
    await redis.command('SCRIPT', 'FLUSH');
  },
  'clients killed': async (scene) => {
    const type = scene.random() < 0.5 ? 'normal' : 'pubsub';
    await scene.fleet.redis.command('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
  },
  'nothing for a while': (scene) => wait(between(scene, 1000, 5000)),
  'everything flushed': async ({ fleet: { redis } }) => {
    await redis.command('FLUSHALL');
  },
};

/** Does one fault after the other, each chosen by the dice, until the signal aborts. */
export async function torment(
  scene: Scene,
  faults: Readonly<Record<string, Fault>>,
  signal: AbortSignal,
): Promise<void> {
  const names = Object.keys(faults);
  while (!signal.aborted) {
    await wait(between(scene, 300, 2500));
    const name = names[Math.floor(scene.random() * names.length)] ?? '';
    if (!signal.aborted) await happen(scene, name, faults[name]);
  }
}

/** One fault; that the server does not take it at the moment is no trouble. */
export async function happen(scene: Scene, name: string, fault: Fault | undefined): Promise<void> {
  scene.fleet.say(name);
  try {
    await fault?.(scene);
  } catch (error) {
    scene.fleet.say(`  ${String(error)}`);
  }
}

async function onSeat(
  { fleet, random }: Scene,
  act: (seat: Seat) => Promise<void>,
  isFit: (seat: Seat) => boolean = () => true,
): Promise<void> {
  const fit = fleet.seats.filter((seat) => isFit(seat));
  const seat = fit[Math.floor(random() * fit.length)];
  if (seat === undefined) return;
  fleet.say(`  ${seat.member.name}`);
  await act(seat);
}

async function delaying(
  scene: Scene,
  begin: (seat: Seat, most: number) => void,
  end: (seat: Seat) => void,
): Promise<void> {
  await onSeat(scene, async (seat) => {
    const from = now();
    const most = Math.round(between(scene, 50, 600));
    begin(seat, most);
    await wait(most);
    end(seat);
    scene.fleet.delayed(from, now() - from);
  });
}

/** What was sent on the present connections arrives when the process has long given it up and reconnected. */
async function holdPresentConnections({ store }: Seat, milliseconds: number): Promise<void> {
  const held = store.connections();
  for (const connection of held) connection.hold('toServer');
  await wait(milliseconds);
  for (const connection of held) connection.release('toServer');
}

async function restoreCopy(scene: Scene): Promise<void> {
  const { fleet, snapshot } = scene;
  if (snapshot === undefined) return;
  const { redis } = fleet;
  const stopped = now();
  await redis.kill();
  await redis.restart({ snapshot: snapshot.copy });
  fleet.rolledBack({ kept: snapshot.kept, stopped, back: now() });
}

async function withoutRoom(scene: Scene, policy: string): Promise<void> {
  const { redis } = scene.fleet;
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
async function loseSome({ fleet, random }: Scene): Promise<void> {
  const names: string[] = [];
  for (let n = 0; n < 20; n++) {
    const name = await fleet.redis.command('RANDOMKEY');
    if (typeof name === 'string' && !name.endsWith(':ledger')) names.push(name);
  }
  const pattern = `{${fleet.prefix}:*}:t`;
  const [, tickets] = (await fleet.redis.command(
    'SCAN',
    '0',
    'MATCH',
    pattern,
    'COUNT',
    '500',
  )) as [string, string[]];
  names.push(...tickets.filter(() => random() < 0.5));
  if (names.length > 0) await fleet.redis.command('UNLINK', ...names);
}

function between({ random }: Scene, least: number, most: number): number {
  return least + random() * (most - least);
}
