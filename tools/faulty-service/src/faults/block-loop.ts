import type { Disturbance } from '../fault.ts';

/** Computes for 120 to 400 ms of processor time at a stretch, about three times a second or less. */
export function blockLoop(random: () => number): Disturbance {
  const length = 120 + random() * 280;
  const pause = 150 + random() * 300;
  let timer = setTimeout(block, pause);
  function block(): void {
    const begun = process.cpuUsage();
    let spent = 0;
    while (spent < length) {
      const { user, system } = process.cpuUsage(begun);
      spent = (user + system) / 1000;
    }
    timer = setTimeout(block, pause);
  }
  return {
    stop() {
      clearTimeout(timer);
    },
  };
}
