/**
 * Does `count` operations, of which `concurrency` run at a time, each lane beginning its next as soon as its
 * last has ended.
 */
export async function runConcurrently(
  concurrency: number,
  count: number,
  operate: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await operate(index);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
}
