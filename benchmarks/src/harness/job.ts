import { fork } from 'node:child_process';

/** A piece of work for a fresh process. */
export interface Job<Input> {
  /** The module to run, which calls {@link serveJob}. */
  readonly module: URL;
  readonly input: Input;
  /** Options of Node for that process. */
  readonly nodeOptions?: readonly string[];
}

type Answer = { readonly output: unknown } | { readonly failure: string };

/**
 * Runs a job in a process of its own.
 * @throws `Error` with what the process printed or threw, if it gave no answer
 */
async function runJob<Input, Output>(job: Job<Input>): Promise<Output> {
  const child = fork(job.module, {
    execArgv: [...(job.nodeOptions ?? [])],
    serialization: 'advanced',
  });
  const answer = await new Promise<Answer>((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as Answer);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`${job.module.pathname} ended without an answer (${signal ?? code})`));
    });
    child.send({ input: job.input });
  });
  if ('failure' in answer) throw new Error(answer.failure);
  return answer.output as Output;
}

/** Runs jobs one after the other, or a few at once. @returns the outputs in the order of the jobs */
export async function runJobs<Input, Output>(
  jobs: readonly Job<Input>[],
  onDone: (count: number) => void,
  { atOnce = 1 }: { readonly atOnce?: number } = {},
): Promise<Output[]> {
  const outputs: Output[] = [];
  let next = 0;
  let done = 0;
  const takeNext = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      outputs[index] = await runJob<Input, Output>(jobs[index] as Job<Input>);
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeNext));
  return outputs;
}

/** Called by the module of a {@link Job}: does it, answers, and ends the process. */
export function serveJob(work: (input: never) => unknown): void {
  process.once('message', (message: { readonly input: never }) => {
    void answer(work, message.input).then((answer) =>
      // Timers of caches that have no `close` must not keep it alive.
      process.send?.(answer, () => process.exit()),
    );
  });
}

async function answer(work: (input: never) => unknown, input: never): Promise<Answer> {
  try {
    return { output: await work(input) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
