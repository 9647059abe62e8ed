/** Loaded anew for each subject, so that its calls stay monomorphic. */

/** @returns how many were admitted */
export function decideAll(
  decide: (key: string) => boolean,
  keys: readonly string[],
  count: number,
): number {
  let admitted = 0;
  let next = 0;
  for (let one = 0; one < count; one++) {
    if (decide(keys[next] as string)) admitted++;
    if (++next === keys.length) next = 0;
  }
  return admitted;
}

/** As {@link decideAll}, each awaited; those who refuse by a rejection end it. */
export async function awaitAll(
  decide: (key: string) => Promise<unknown>,
  keys: readonly string[],
  count: number,
): Promise<void> {
  let next = 0;
  for (let one = 0; one < count; one++) {
    await decide(keys[next] as string);
    if (++next === keys.length) next = 0;
  }
}
