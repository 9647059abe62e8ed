import type { Disturbance } from '../fault.ts';

/** Keeps 4 to 12 MB of objects more each second, for ever. */
export function leakMemory(random: () => number): Disturbance {
  // An object with its text is some 100 bytes.
  const perTurn = Math.floor((4 + random() * 8) * 1000);
  const kept: object[] = [];
  let count = 0;
  const timer = setInterval(() => {
    for (let index = 0; index < perTurn; index++) kept.push({ id: count++, text: `kept ${count}` });
  }, 100);
  return {
    stop() {
      clearInterval(timer);
      kept.length = 0;
    },
  };
}
