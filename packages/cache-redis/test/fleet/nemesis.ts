import { setTimeout as wait } from 'node:timers/promises';
import type { Fleet, Seat } from './fleet.ts';
import { SETTERS } from './keys.ts';
import type { Site } from './site.ts';

/** Where faults are done, and by which dice. */
export interface Scene<S extends Site = Site> {
  readonly fleet: Fleet<S>;
  readonly random: () => number;
}

/** One thing that goes wrong, for a while; resolves when it is over. */
export type Fault<S extends Site = Site> = (scene: Scene<S>) => Promise<void>;

/** Faults by name. */
export type Faults<S extends Site = Site> = Readonly<Record<string, Fault<S>>>;

/** What happens to a process. */
export const PROCESS_FAULTS: Faults = {
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

/** Does one fault after the other, each chosen by the dice, until the signal aborts. */
export async function torment<S extends Site>(
  scene: Scene<S>,
  faults: Faults<S>,
  signal: AbortSignal,
): Promise<void> {
  const names = Object.keys(faults);
  while (!signal.aborted) {
    await wait(between(scene, 300, 2500));
    const name = names[Math.floor(scene.random() * names.length)] ?? '';
    if (!signal.aborted) await happen(scene, name, faults[name]);
  }
}

/** One fault; that a server does not take it at the moment is no trouble. */
async function happen<S extends Site>(
  scene: Scene<S>,
  name: string,
  fault: Fault<S> | undefined,
): Promise<void> {
  scene.fleet.say(name);
  try {
    await fault?.(scene);
  } catch (error) {
    scene.fleet.say(`  ${String(error)}`);
  }
}

/** Acts on a place that the dice choose. */
export async function onSeat<S extends Site>(
  { fleet, random }: Scene<S>,
  act: (seat: Seat) => Promise<void>,
  isFit: (seat: Seat) => boolean = () => true,
): Promise<void> {
  const fit = fleet.seats.filter((seat) => isFit(seat));
  const seat = fit[Math.floor(random() * fit.length)];
  if (seat === undefined) return;
  fleet.say(`  ${seat.member.name}`);
  await act(seat);
}

/** A number from `least` to `most`, by the dice. */
export function between({ random }: Pick<Scene, 'random'>, least: number, most: number): number {
  return least + random() * (most - least);
}
