import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import type { HotFunction } from './capture.ts';

const MOST = 10;
const MICROSECONDS = 1000;
const IDLE = '(idle)';

/** Those with most processor time of their own. */
export function hottestOfCpu(profile: Profiler.Profile): readonly HotFunction[] {
  const { samples = [], timeDeltas = [], nodes } = profile;
  const times = new Map<number, number>();
  samples.forEach((id, at) => {
    times.set(id, (times.get(id) ?? 0) + (timeDeltas[at] ?? 0) / MICROSECONDS);
  });
  const totals = new Totals();
  for (const { id, callFrame } of nodes) totals.add(callFrame, times.get(id) ?? 0);
  return totals.hottest();
}

/** Those with most memory alive that they have allocated themselves. */
export function hottestOfHeap(profile: HeapProfiler.SamplingHeapProfile): readonly HotFunction[] {
  const totals = new Totals();
  const pending = [profile.head];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    totals.add(node.callFrame, node.selfSize);
    for (const child of node.children) pending.push(child);
  }
  return totals.hottest();
}

/** A function has a node for each way to it. */
class Totals {
  readonly #functions = new Map<string, { readonly frame: Runtime.CallFrame; amount: number }>();
  #sum = 0;

  add(frame: Runtime.CallFrame, amount: number): void {
    if (amount <= 0 || frame.functionName === IDLE) return;
    this.#sum += amount;
    const key = `${frame.functionName}\n${frame.url}:${frame.lineNumber}:${frame.columnNumber}`;
    const known = this.#functions.get(key);
    if (known === undefined) this.#functions.set(key, { frame, amount });
    else known.amount += amount;
  }

  hottest(): readonly HotFunction[] {
    return [...this.#functions.values()]
      .toSorted((a, b) => b.amount - a.amount)
      .slice(0, MOST)
      .map(({ frame, amount }) => ({
        name: frame.functionName === '' ? '(anonymous)' : frame.functionName,
        location: frame.url === '' ? '' : `${frame.url}:${frame.lineNumber + 1}`,
        amount,
        share: amount / this.#sum,
      }));
  }
}
