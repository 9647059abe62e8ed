import type { Disturbance } from '../fault.ts';

interface Node {
  readonly id: number;
  readonly text: string;
  readonly next: Node | undefined;
}

/** Makes some tens of thousands of objects every few milliseconds that live until they have been copied a few times. */
export function churnGarbage(random: () => number): Disturbance {
  const perTurn = 15_000 + Math.floor(random() * 15_000);
  const lives = 8 + Math.floor(random() * 8);
  const alive: Node[] = [];
  const timer = setInterval(() => {
    let list: Node | undefined;
    for (let id = 0; id < perTurn; id++) list = { id, text: `node ${id}`, next: list };
    if (list !== undefined) alive.push(list);
    if (alive.length > lives) alive.shift();
  }, 10);
  return {
    stop() {
      clearInterval(timer);
      alive.length = 0;
    },
  };
}
