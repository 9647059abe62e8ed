type Words = Uint8Array | Uint16Array | Int32Array | Float64Array;

/** The same words and, behind them, zeros up to the new length. */
export function grown<T extends Words>(words: T, length: number): T {
  const longer = new (words.constructor as new (length: number) => T)(length);
  longer.set(words);
  return longer;
}
