const SETTLED: Promise<void> = Promise.resolve();

/**
 * As `Promise.reject`, but a microtask later, when the caller has its handlers on it: a promise that is rejected before costs
 * several times as much, since Node takes note of every rejection without a handler.
 */
export function rejected(error: unknown): Promise<never> {
  return new Promise((_, reject) => {
    // oxlint-disable-next-line promise/no-promise-in-callback -- quicker than queueMicrotask
    void SETTLED.then(() => {
      reject(error);
    });
  });
}
