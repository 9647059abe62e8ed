import { randomUUID } from 'node:crypto';
import type { Engine } from './engine.ts';
import { StatementError, type Statement } from './statement.ts';

const KILL =
  /^\s*kill\s+query\s+where\s+query_id\s*=\s*'([^']*)'\s*(?:async|sync)?\s*(?:format\s+\w+)?\s*;?\s*$/i;

/** A statement under way. */
export class RunningStatement {
  readonly queryId: string;
  readonly #engine: Engine;
  readonly #mark = randomUUID();
  /** Whether the engine is to stop when the client has gone. */
  readonly #endsWithClient: boolean;
  #isGivenUp = false;
  #giveUp: (() => void) | undefined;

  constructor(engine: Engine, { queryId, settings, sql }: Statement) {
    this.#engine = engine;
    this.queryId = queryId;
    this.#endsWithClient =
      settings.get('cancel_http_readonly_queries_on_client_close') === '1' &&
      !/^\s*(?:insert|create|alter|drop|optimize|truncate)\b/i.test(sql);
  }

  /** The client has gone. */
  async giveUp(): Promise<void> {
    this.#isGivenUp = true;
    this.#giveUp?.();
    if (this.#endsWithClient) await this.kill();
  }

  kill(): Promise<void> {
    return this.#engine.kill(this.#mark);
  }

  /**
   * Carries it out.
   * @yields the result, as long as somebody takes it
   */
  async *pieces(statement: Statement): AsyncGenerator<Uint8Array> {
    const pieces = this.#engine.run(statement, this.#mark);
    const givenUp = new Promise<undefined>((resolve) => {
      this.#giveUp = () => {
        resolve(undefined);
      };
    });
    try {
      while (!this.#isGivenUp) {
        const next = await Promise.race([pieces.next(), givenUp]);
        if (next === undefined || next.done === true) return;
        yield next.value;
      }
    } finally {
      // Not awaited: the engine first finishes what it has begun.
      pieces.return(undefined).catch(() => undefined);
    }
  }
}

/** All statements under way, by their number. */
export class RunningStatements {
  readonly #engine: Engine;
  readonly #byId = new Map<string, RunningStatement>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws {@link StatementError} when there is one of that number already */
  add(statement: Statement): RunningStatement {
    const { queryId } = statement;
    if (this.#byId.has(queryId)) {
      throw new StatementError(
        500,
        216,
        'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING',
        `Query with id = ${queryId} is already running`,
      );
    }
    const running = new RunningStatement(this.#engine, statement);
    this.#byId.set(queryId, running);
    return running;
  }

  remove({ queryId }: RunningStatement): void {
    this.#byId.delete(queryId);
  }

  /** Carries out a `KILL QUERY`. @returns what is answered; `undefined` when the statement is another one */
  async kill(sql: string): Promise<string | undefined> {
    const queryId = KILL.exec(sql)?.[1];
    if (queryId === undefined) return undefined;
    const running = this.#byId.get(queryId);
    if (running === undefined) return '';
    await running.kill();
    return `waiting\t${queryId}\tdefault\n`;
  }
}
