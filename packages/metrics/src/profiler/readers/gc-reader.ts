import { observeGc, type GcKind } from '../../signals/garbage-collection.ts';
import type { SampleDraft, SampleReader } from './sample-reader.ts';

/** Collections of garbage. */
export class GcReader implements SampleReader {
  readonly #stop: () => void;
  #minorCount = 0;
  #minorPause = 0;
  #majorCount = 0;
  #majorPause = 0;
  #otherCount = 0;
  #otherPause = 0;
  #longest = 0;

  /** @param onMajor is told of each full collection */
  constructor(onMajor: () => void) {
    this.#stop = observeGc((kind, pause) => {
      this.#count(kind, pause);
      if (kind === 'major') onMajor();
    });
  }

  read(draft: SampleDraft): void {
    draft.gcMinorCount = this.#minorCount;
    draft.gcMinorPause = this.#minorPause;
    draft.gcMajorCount = this.#majorCount;
    draft.gcMajorPause = this.#majorPause;
    draft.gcOtherCount = this.#otherCount;
    draft.gcOtherPause = this.#otherPause;
    draft.gcPauseMax = this.#longest;
    this.#minorCount = this.#majorCount = this.#otherCount = 0;
    this.#minorPause = this.#majorPause = this.#otherPause = this.#longest = 0;
  }

  close(): void {
    this.#stop();
  }

  #count(kind: GcKind, pause: number): void {
    if (pause > this.#longest) this.#longest = pause;
    if (kind === 'minor') {
      this.#minorCount++;
      this.#minorPause += pause;
    } else if (kind === 'major') {
      this.#majorCount++;
      this.#majorPause += pause;
    } else {
      this.#otherCount++;
      this.#otherPause += pause;
    }
  }
}
