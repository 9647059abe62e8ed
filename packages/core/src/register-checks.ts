import { checkFunction } from './options.ts';

/** The two functions that a test runner registers tests with. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => Promise<void>) => unknown;
}

/**
 * Registers a test for each check, one `describe` per topic.
 * @throws ConfigError when neither the runner nor the global scope has a `describe` and an `it`
 */
export function registerChecks<Check extends { readonly topic: string; readonly title: string }>(
  name: string,
  checks: readonly Check[],
  run: (check: Check) => Promise<void>,
  runner: Partial<TestRunner>,
): void {
  const globals = globalThis as Partial<TestRunner>;
  const describe = checkFunction(
    'describe',
    (runner.describe ?? globals.describe) as TestRunner['describe'],
  );
  const it = checkFunction('it', (runner.it ?? globals.it) as TestRunner['it']);
  const topics = new Map<string, Check[]>();
  for (const check of checks) {
    topics.set(check.topic, [...(topics.get(check.topic) ?? []), check]);
  }
  describe(name, () => {
    for (const [topic, some] of topics) {
      describe(topic, () => {
        for (const check of some) it(check.title, () => run(check));
      });
    }
  });
}
