import { defineConfig } from 'vitest/config';
import { lowerDecorators } from './scripts/lower-decorators.ts';
import { SkippedTestsReporter } from './scripts/skipped-tests-reporter.ts';

// Tests run on sources, so nothing has to be built first.
const conditions = ['@perf/source'];
const roots = '{{packages,apps,tools}/*,benchmarks}/test/**/';

// Torture tests kill processes for minutes: they run only when they are asked for by name.
const tortureIsAskedFor = process.argv.some((argument) => argument.includes('torture'));

export default defineConfig({
  plugins: [lowerDecorators()],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    restoreMocks: true,
    allowOnly: !process.env['CI'],
    // By default one processor is left free, but what starts servers mostly waits.
    maxWorkers: '100%',
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', new SkippedTestsReporter()],
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Generous: these only end what hangs, and a busy machine is slow.
          testTimeout: 20_000,
          hookTimeout: 60_000,
          include: [`${roots}*.test.ts`],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts', '**/*.torture.test.ts'],
          typecheck: {
            enabled: true,
            include: [`${roots}*.test-d.ts`],
            tsconfig: './tsconfig.types.json',
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [`${roots}*.integration.test.ts`],
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      ...(tortureIsAskedFor
        ? [
            {
              extends: true as const,
              test: {
                name: 'torture',
                include: [`${roots}*.torture.test.ts`],
                fileParallelism: false,
                testTimeout: 1_800_000,
                hookTimeout: 120_000,
              },
            },
          ]
        : []),
    ],
  },
});
