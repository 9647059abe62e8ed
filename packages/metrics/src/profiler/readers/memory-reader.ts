import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** Memory. */
export class MemoryReader implements SampleReader {
  read(draft: SampleDraft): void {
    const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
    draft.rss = rss;
    draft.heapTotal = heapTotal;
    draft.heapUsed = heapUsed;
    draft.external = external;
    draft.arrayBuffers = arrayBuffers;
  }
}
