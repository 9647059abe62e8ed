/** A pipeline has no events of its own: its policies have theirs. */
export type PipelineEvents = Readonly<Record<string, never>>;

/** What {@link Pipeline.snapshot} returns. */
export interface PipelineSnapshot {
  readonly name: string;
  /** Those of its policies, the outermost first; `undefined` of one that has none. */
  readonly policies: readonly unknown[];
}
