import { afterEach, expect, test } from 'vitest';
import { buildProgram, type Program } from '../fixtures/programs.ts';

let program: Program | undefined;
afterEach(() => {
  program?.remove();
});

test('threads, cluster workers and forked processes are one; what they counted stays when they end or are killed', async () => {
  program = await buildProgram('shared-workers.ts');
  const { together, afterwards, text } = JSON.parse(await program.run([])) as {
    together: Record<string, number>;
    afterwards: Record<string, number>;
    text: string;
  };
  expect(together).toMatchObject({
    'jobs kind=own': 1,
    'jobs kind=cluster': 20,
    'jobs kind=thread': 20,
    'jobs kind=forked': 10,
    alive: 5,
    sizes: 5,
    'metrics_workers state=live': 5,
  });
  expect(afterwards).toMatchObject({
    'jobs kind=own': 1,
    'jobs kind=cluster': 25,
    'jobs kind=thread': 25,
    'jobs kind=forked': 15,
    sizes: 5,
    'metrics_workers state=live': 0,
    'metrics_workers state=ended': 5,
  });
  expect(afterwards).not.toHaveProperty('alive');
  expect(text).toContain('jobs_total{kind="cluster"} 25\n');
}, 120_000);
