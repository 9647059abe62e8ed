import { readNetwork, type NetworkTotals } from '../../signals/network.ts';
import { perSecond } from './rate.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** Network interfaces. */
export class NetworkReader implements SampleReader {
  #last: NetworkTotals = readNetwork();

  read(draft: SampleDraft, elapsed: number): void {
    const now = readNetwork();
    const received = now.received - this.#last.received;
    const sent = now.sent - this.#last.sent;
    this.#last = now;
    draft.networkReceived = perSecond(received, elapsed);
    draft.networkSent = perSecond(sent, elapsed);
  }
}
