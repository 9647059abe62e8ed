import { serveJob } from '../harness/job.ts';
import { flatString } from './fixture.ts';
import { createSpaceCache } from './space-subject.ts';
import type { SpaceInput, SpaceOutput } from './space.ts';

/** What the process holds after everything unreachable is gone. */
function held(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function measure({ subject, entries, filled }: SpaceInput): SpaceOutput {
  return filled ? measureEntries(subject, entries) : measureEmpty(subject, entries);
}

function measureEntries(subject: SpaceInput['subject'], entries: number): SpaceOutput {
  const value = {};
  const keys = Array.from({ length: entries * 1.5 }, (_, i) => flatString(`user:profile:${i}`));
  // What V8 compiles and allocates once is not the cache's.
  const rehearsal = createSpaceCache(subject, 50);
  for (const key of keys.slice(0, 100)) rehearsal.set(key, value);

  const before = held();
  const cache = createSpaceCache(subject, entries);
  const fill = (from: number, to: number): number => {
    for (let i = from; i < to; i++) cache.set(keys[i] as string, value);
    return (held() - before) / cache.size;
  };
  const bytes = fill(0, entries);
  if (cache.size !== entries) throw new Error(`it holds ${cache.size} of ${entries} entries`);
  const afterChurn = fill(entries, entries * 1.5);
  if (cache.size > entries) throw new Error(`it holds ${cache.size} of ${entries} entries`);
  return { bytes, afterChurn };
}

function measureEmpty(subject: SpaceInput['subject'], entries: number): SpaceOutput {
  const caches = [createSpaceCache(subject, entries)];
  const before = held();
  const count = subject === 'lru-cache' ? 4 : 64;
  for (let i = 0; i < count; i++) caches.push(createSpaceCache(subject, entries));
  const bytes = (held() - before) / count;
  if (caches.some((cache) => cache.size !== 0)) throw new Error('it is not empty');
  return { bytes };
}

serveJob(measure);
