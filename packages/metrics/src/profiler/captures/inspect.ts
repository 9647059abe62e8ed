import type { HeapProfiler, Profiler } from 'node:inspector';
import type { Session } from 'node:inspector/promises';
import { hottestOfCpu, hottestOfHeap } from './hottest-functions.ts';
import type { HotFunction } from './capture.ts';

/** A profile as the text of its file. */
export interface InspectedProfile {
  readonly text: string;
  readonly hottest: readonly HotFunction[];
}

const MICROSECONDS = 1000;

/** Samples the stack until `until` resolves. @param every milliseconds between two samples */
export async function inspectCpu(
  every: number,
  until: () => Promise<void>,
): Promise<InspectedProfile> {
  const { profile } = await inspect(async (session): Promise<Profiler.StopReturnType> => {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', {
      interval: Math.round(every * MICROSECONDS),
    });
    await session.post('Profiler.start');
    await until();
    return session.post('Profiler.stop');
  });
  return { text: JSON.stringify(profile), hottest: hottestOfCpu(profile) };
}

/** Samples allocations until `until` resolves; of them, those still alive are told. @param every bytes between two samples */
export async function inspectHeap(
  every: number,
  until: () => Promise<void>,
): Promise<InspectedProfile> {
  const { profile } = await inspect(
    async (session): Promise<HeapProfiler.StopSamplingReturnType> => {
      await session.post('HeapProfiler.startSampling', { samplingInterval: every });
      await until();
      return session.post('HeapProfiler.stopSampling');
    },
  );
  return { text: JSON.stringify(profile), hottest: hottestOfHeap(profile) };
}

/** A session that is disconnected forgets what it had begun. */
async function inspect<T>(use: (session: Session) => Promise<T>): Promise<T> {
  // At the first use: a build of Node may lack the inspector, and most processes never take a profile.
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    return await use(session);
  } finally {
    session.disconnect();
  }
}
