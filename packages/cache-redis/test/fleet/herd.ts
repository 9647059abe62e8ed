import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CallerOptions, FromCaller, ToCaller } from './caller-messages.ts';

/** What all callers of all processes got. */
export interface Herded {
  readonly values: ReadonlyMap<string, number>;
  readonly rejected: number;
}

/** One process with many callers. */
export class CallerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly failures: string[] = [];
  others = -1;
  isAlive: boolean = true;

  constructor(program: string, options: CallerOptions, onLoading: (from: CallerProcess) => void) {
    this.#child = fork(program, [JSON.stringify(options)], { execArgv: [] });
    this.#ended = once(this.#child, 'exit').then(() => {
      this.isAlive = false;
    });
    this.#child.on('message', (message: FromCaller) => {
      if (message.kind === 'hears') this.others = message.others;
      else if (message.kind === 'loading') onLoading(this);
      else if (message.kind === 'failed') this.failures.push(message.reason);
    });
  }

  /** Resolves to nothing when it is killed meanwhile. */
  async herd(key: string, callers: number): Promise<Herded | undefined> {
    this.send({ kind: 'herd', key, callers });
    const herded = await this.#heard('herded');
    return herded && { values: new Map(herded.values), rejected: herded.rejected };
  }

  async get(key: string): Promise<string | undefined> {
    this.send({ kind: 'get', key });
    return (await this.#heard('got'))?.value;
  }

  send(message: ToCaller): void {
    this.#child.send(message, () => undefined);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  stall(stalled: boolean): void {
    this.#child.kill(stalled ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Closes its cache; resolves when the process has ended by itself. */
  async close(): Promise<void> {
    if (!this.isAlive) return;
    this.send({ kind: 'close' });
    await this.#ended;
  }

  async #heard<Kind extends FromCaller['kind']>(
    kind: Kind,
  ): Promise<Extract<FromCaller, { kind: Kind }> | undefined> {
    return new Promise((resolve) => {
      const hear = (message: FromCaller): void => {
        if (message.kind !== kind) return;
        this.#child.off('message', hear);
        resolve(message as Extract<FromCaller, { kind: Kind }>);
      };
      this.#child.on('message', hear);
      void this.#ended.then(() => {
        resolve(undefined);
      });
    });
  }
}

/** Several such processes, once each hears all the others, in front of one source that counts. */
export class Herd {
  readonly processes: readonly CallerProcess[];
  /** Who has asked the source, in order. */
  readonly loads: CallerProcess[] = [];
  #onLoad: (from: CallerProcess, count: number) => void = () => undefined;

  constructor(program: string, size: number, options: CallerOptions) {
    this.processes = Array.from(
      { length: size },
      () =>
        new CallerProcess(program, options, (from) => {
          this.loads.push(from);
          this.#onLoad(from, this.loads.length);
        }),
    );
  }

  /** What the source does when it is asked; `count` is 1 for the first load. */
  onLoad(act: (from: CallerProcess, count: number) => void): void {
    this.#onLoad = act;
  }

  /** All callers of all processes at once; what those got whose processes are left. */
  async ask(key: string, callersEach: number): Promise<Herded> {
    const all = await Promise.all(this.processes.map((one) => one.herd(key, callersEach)));
    const values = new Map<string, number>();
    let rejected = 0;
    for (const herded of all) {
      if (herded === undefined) continue;
      rejected += herded.rejected;
      for (const [value, times] of herded.values) {
        values.set(value, (values.get(value) ?? 0) + times);
      }
    }
    return { values, rejected };
  }

  /** Ends all processes; what nobody has caught in them. */
  async close(): Promise<readonly string[]> {
    await Promise.all(this.processes.map((one) => one.close()));
    return this.processes.flatMap(({ failures }) => failures);
  }

  async kill(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.kill()));
  }
}
