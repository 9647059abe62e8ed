import type { SampleField } from '../sample.ts';

/** The sample that is being read: one object for all of them. */
export type SampleDraft = { -readonly [Field in SampleField]: number };

/** Reads the fields of one signal. */
export interface SampleReader {
  /**
   * Puts to the draft what happened since the last call, or since the reader was made.
   * @param elapsed milliseconds since then
   */
  read(draft: SampleDraft, elapsed: number): void;
  /** Is told how late the sampler's timer was, in milliseconds, before each `read` and in between. */
  beat?(lateness: number): void;
  /** Ends what it listens to. */
  close?(): void;
}
