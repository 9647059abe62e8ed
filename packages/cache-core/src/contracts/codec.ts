/** Turns values into bytes and back. */
export interface Codec {
  /**
   * 1 to 255; stored with every entry, so that an entry of another codec is a miss, not garbage. The
   * numbers below 32 belong to `@perf`.
   */
  readonly id: number;
  readonly name: string;
  /**
   * The bytes belong to the cache and are not written to again. @throws anything, when the value cannot
   * be encoded without loss; the cache then stores nothing
   */
  encode(value: unknown): Uint8Array;
  /** Never executes what it decodes. @throws anything, when the bytes are not of this codec. */
  decode(bytes: Uint8Array): unknown;
}
