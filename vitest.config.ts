import { defineConfig } from 'vitest/config';

// Tests run on sources, so nothing has to be built first.
const conditions = ['@perf/source'];
const roots = '{packages,apps,tools}/*/test/**/';

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    restoreMocks: true,
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
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
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
