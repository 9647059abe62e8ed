/**
 * Draws indices below `size` with weights 1 / (index + 1)^exponent, each from one number of `random`.
 * @param random uniform numbers, at least 0 and below 1
 */
export function zipf(random: () => number, size: number, exponent: number): () => number {
  const sums = new Float64Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) {
    total += 1 / (i + 1) ** exponent;
    sums[i] = total;
  }
  return () => {
    const target = random() * total;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) >= target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
