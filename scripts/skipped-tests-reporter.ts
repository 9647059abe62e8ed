import type { Reporter, TestModule, Vitest } from 'vitest/node';

const RULE = '!'.repeat(80);

/**
 * Makes skipped tests loud: lists them at the end of the run, and where `CI` is set the run fails.
 * Tests left out by `-t` are not meant.
 */
export class SkippedTestsReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(testModules: readonly TestModule[]): void {
    if (this.#vitest?.config.testNamePattern !== undefined) return;
    const skipped = testModules.flatMap((testModule) =>
      [...testModule.children.allTests('skipped')].map((test) => {
        const result = test.result();
        const note = result.state === 'skipped' && result.note ? ` (${result.note})` : '';
        return `  ${testModule.relativeModuleId} > ${test.fullName}${note}`;
      }),
    );
    if (skipped.length === 0) return;
    const inCi = Boolean(process.env['CI']);
    const verdict = inCi ? 'in CI this is a failure' : 'in CI this would be a failure';
    process.stderr.write(
      `\n${RULE}\n${skipped.length} SKIPPED: ${verdict}\n${skipped.join('\n')}\n${RULE}\n\n`,
    );
    if (inCi) process.exitCode = 1;
  }
}
