/** Starts several at once; when one of them fails, the others are stopped and its error is thrown. */
export async function startAll<T extends { stop(): Promise<void> }>(
  starts: readonly Promise<T>[],
): Promise<readonly T[]> {
  const results = await Promise.allSettled(starts);
  const started = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return started;
  await stopAll(started);
  throw failure.reason;
}

/** Stops several at once, all of them even if one fails, whose error is then thrown. */
export async function stopAll(started: readonly { stop(): Promise<void> }[]): Promise<void> {
  const results = await Promise.allSettled(started.map((one) => one.stop()));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
