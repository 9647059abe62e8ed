import { fork, type ChildProcess } from 'node:child_process';

/** A process that lives until it is stopped, and does what it is asked to. */
export interface Actor {
  /** @throws `Error` with what the process threw, or when it has ended */
  call<Result>(method: string, argument?: unknown): Promise<Result>;
  /** Ends the process. Idempotent. */
  stop(): Promise<void>;
}

/** What a process can be asked for, by name. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>;

type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: string };

interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

class ChildActor implements Actor {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiters = new Map<number, Waiter>();
  #calls = 0;

  constructor(module: URL) {
    this.#child = fork(module, { serialization: 'advanced' });
    this.#child.on('message', (message) => {
      this.#take(message as Answer);
    });
    this.#ended = new Promise((resolve) => {
      const end = (reason: unknown): void => {
        for (const { reject } of this.#waiters.values()) {
          reject(new Error(`${module.pathname} has ended (${String(reason)})`));
        }
        this.#waiters.clear();
        resolve();
      };
      this.#child.once('error', end);
      this.#child.once('exit', (code, signal) => {
        end(signal ?? code);
      });
    });
  }

  call<Result>(method: string, argument?: unknown): Promise<Result> {
    const id = ++this.#calls;
    return new Promise<Result>((resolve, reject) => {
      this.#waiters.set(id, { resolve: resolve as Waiter['resolve'], reject });
      this.#child.send({ id, method, argument }, (error) => {
        if (error === null) return;
        this.#waiters.delete(id);
        reject(error);
      });
    });
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #take(answer: Answer): void {
    const waiter = this.#waiters.get(answer.id);
    this.#waiters.delete(answer.id);
    if ('failure' in answer) waiter?.reject(new Error(answer.failure));
    else waiter?.resolve(answer.result);
  }
}

/** Starts the module, which calls {@link serveActor}, and hands it `input`. */
async function startActor(module: URL, input: unknown): Promise<Actor> {
  const actor = new ChildActor(module);
  try {
    await actor.call('open', input);
  } catch (error) {
    await actor.stop();
    throw error;
  }
  return actor;
}

/** As many actors as inputs, until `run` is over. */
export async function withActors<Result>(
  module: URL,
  inputs: readonly unknown[],
  run: (actors: readonly Actor[]) => Promise<Result>,
): Promise<Result> {
  const started = await Promise.allSettled(inputs.map((input) => startActor(module, input)));
  const actors = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return await run(actors);
  } finally {
    await Promise.all(actors.map((actor) => actor.stop()));
  }
}

/** Called by the module of an {@link Actor}. @param open makes what answers, from the input */
export function serveActor(open: (input: never) => Methods | Promise<Methods>): void {
  let methods: Methods = {};
  const perform = async (method: string, argument: unknown): Promise<unknown> => {
    if (method === 'open') {
      methods = await open(argument as never);
      return undefined;
    }
    const asked = methods[method];
    if (asked === undefined) throw new Error(`there is no method ${method}`);
    return asked(argument as never);
  };
  process.on('message', ({ id, method, argument }: Call) => {
    void perform(method, argument).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, failure: describe(error) }),
    );
  });
  // Its parent has ended.
  process.on('disconnect', () => {
    process.exit();
  });
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
