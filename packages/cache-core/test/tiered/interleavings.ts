/** Every order in which the steps of two writers, each in its own order, can happen. */
export function interleavings(a: number, b: number): string[] {
  if (a === 0 && b === 0) return [''];
  const withA = a > 0 ? interleavings(a - 1, b).map((rest) => `A${rest}`) : [];
  const withB = b > 0 ? interleavings(a, b - 1).map((rest) => `B${rest}`) : [];
  return [...withA, ...withB];
}
