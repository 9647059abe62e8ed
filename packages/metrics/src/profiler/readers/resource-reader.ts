import { readActiveResources } from '../../signals/active-resources.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** What keeps the event loop alive. */
export class ResourceReader implements SampleReader {
  read(draft: SampleDraft): void {
    const { handles, requests } = readActiveResources();
    draft.activeHandles = handles;
    draft.activeRequests = requests;
  }
}
