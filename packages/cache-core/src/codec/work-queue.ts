/** Runs a task now or when its turn comes; settles with what the task settles with. */
export type WorkQueue = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * A queue that runs at most `limit` tasks at a time, in order. It is as long as its callers make it:
 * each of them waits for its own task.
 */
export function createWorkQueue(limit: number): WorkQueue {
  // A set, because it gives up its first member in constant time.
  const waiting = new Set<() => void>();
  let running = 0;

  return async (task) => {
    if (running < limit) running++;
    else await new Promise<void>((resolve) => waiting.add(resolve));
    try {
      return await task();
    } finally {
      const [next] = waiting;
      if (next === undefined) {
        running--;
      } else {
        // The place is handed on, so that nobody overtakes those who wait.
        waiting.delete(next);
        next();
      }
    }
  };
}
