import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import { expect, test } from 'vitest';
import { hottestOfCpu, hottestOfHeap } from '../../../src/profiler/captures/hottest-functions.ts';

function frame(functionName: string, url = 'file:///a.js', lineNumber = 0): Runtime.CallFrame {
  return { functionName, scriptId: '1', url, lineNumber, columnNumber: 0 };
}

test('a function that was reached in several ways is one, without the time of what it calls', () => {
  const profile: Profiler.Profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)', '') },
      { id: 2, callFrame: frame('parse', 'file:///a.js', 9) },
      { id: 3, callFrame: frame('read') },
      { id: 4, callFrame: frame('parse', 'file:///a.js', 9) },
      { id: 5, callFrame: frame('(idle)', '') },
    ],
    startTime: 0,
    endTime: 10_000,
    samples: [2, 3, 4, 5],
    timeDeltas: [1000, 1000, 2000, 6000],
  };
  expect(hottestOfCpu(profile)).toEqual([
    { name: 'parse', location: 'file:///a.js:10', amount: 3, share: 0.75 },
    { name: 'read', location: 'file:///a.js:1', amount: 1, share: 0.25 },
  ]);
});

test('bytes that are alive are of the function that has allocated them', () => {
  const node = (
    callFrame: Runtime.CallFrame,
    selfSize: number,
    children: HeapProfiler.SamplingHeapProfileNode[] = [],
  ): HeapProfiler.SamplingHeapProfileNode => ({ callFrame, selfSize, children });
  const profile: HeapProfiler.SamplingHeapProfile = {
    head: node(frame('(root)', ''), 0, [node(frame(''), 100, [node(frame('keep'), 300)])]),
  };
  expect(hottestOfHeap(profile)).toEqual([
    { name: 'keep', location: 'file:///a.js:1', amount: 300, share: 0.75 },
    { name: '(anonymous)', location: 'file:///a.js:1', amount: 100, share: 0.25 },
  ]);
});

test('at most ten are told', () => {
  const children = Array.from({ length: 50 }, (_, at) => ({
    callFrame: frame(`f${at}`),
    selfSize: at + 1,
    children: [],
  }));
  const head = { callFrame: frame('(root)', ''), selfSize: 0, children };
  expect(hottestOfHeap({ head }).map(({ name }) => name)).toEqual(
    Array.from({ length: 10 }, (_, at) => `f${49 - at}`),
  );
});

test('a process that only waited has none', () => {
  const nodes = [{ id: 1, callFrame: frame('(idle)', '') }];
  const times = { startTime: 0, endTime: 1, samples: [1], timeDeltas: [1000] };
  expect(hottestOfCpu({ nodes, ...times })).toEqual([]);
});
