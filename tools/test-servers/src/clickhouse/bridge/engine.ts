import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Statement } from './statement.ts';

/** What of the package `chdb` is used. */
interface Chdb {
  readonly Session: new (path: string) => ChdbSession;
}

interface ChdbSession {
  queryAsync(sql: string, options: { readonly format: string }): Promise<ChdbResult>;
  queryStream(sql: string, options: { readonly format: string }): ChdbStream;
  close(): void;
}

interface ChdbResult {
  bytes(): Uint8Array;
}

interface ChdbStream extends AsyncIterable<{ raw(): Uint8Array }> {
  cancel(): void;
}

/** Statements whose rows come in pieces. What else there is comes as a whole. */
const STREAMED = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*(?:select|with)\b/is;
/** Formats of which pieces, one behind the other, are what the whole would be. */
const IN_PIECES =
  /\bformat\s+(?:JSON(?:Compact)?(?:Strings)?EachRow|CSV|TabSeparated|TSV|RowBinary)\s*$/i;

/** The engine on one folder. */
export class Engine {
  readonly #chdb: Chdb;
  readonly #folder: string;
  /** For what the bridge itself asks; open as long as the engine is, which would otherwise start anew each time. */
  readonly #own: ChdbSession;

  /** @param packages the folder in whose `node_modules` the engine is */
  constructor(packages: string, folder: string) {
    this.#chdb = createRequire(join(packages, 'package.json'))('chdb') as Chdb;
    this.#folder = folder;
    this.#own = new this.#chdb.Session(folder);
  }

  /**
   * Carries out a statement. Its settings and parameters are those of this statement alone: each has a session of its own.
   * @param mark tells it from others, for {@link kill}
   * @yields the bytes of the result
   */
  async *run(statement: Statement, mark: string): AsyncGenerator<Uint8Array> {
    const { sql, format } = statement;
    const session = new this.#chdb.Session(this.#folder);
    try {
      for (const preparation of preparations(statement)) {
        await session.queryAsync(preparation, { format });
      }
      const marked = `${beginning(mark)}${sql}`;
      if (STREAMED.test(sql) && IN_PIECES.test(sql)) {
        for await (const piece of session.queryStream(marked, { format })) yield piece.raw();
      } else {
        yield (await session.queryAsync(marked, { format })).bytes();
      }
    } finally {
      session.close();
    }
  }

  /** Ends a statement: whoever runs it gets the engine's error that says so. */
  async kill(mark: string): Promise<void> {
    const condition = `startsWith(query, ${literal(beginning(mark))})`;
    await this.#own.queryAsync(`KILL QUERY WHERE ${condition} ASYNC`, { format: 'CSV' });
  }
}

/** The engine chooses the number of a query itself; its text is ours. */
function beginning(mark: string): string {
  return `/*${mark}*/ `;
}

function preparations({ database, settings, parameters }: Statement): readonly string[] {
  const assignments = [
    ...[...settings].map(([name, value]) => `${name} = ${literal(value)}`),
    ...[...parameters].map(([name, value]) => `param_${name} = ${literal(value)}`),
  ];
  // One statement for all of them: each costs a way to the engine and back.
  return [
    ...(database === undefined ? [] : [`USE ${identifier(database)}`]),
    ...(assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`]),
  ];
}

function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, String.raw`\$&`)}\``;
}
