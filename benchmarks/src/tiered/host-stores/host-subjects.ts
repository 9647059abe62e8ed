import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CacheStore, StoreCall } from '@perf/cache-core';
import { fsStore } from '@perf/cache-fs';
import { sqliteStore } from '@perf/cache-sqlite';
import cacache from 'cacache';
import { CACACHE, CONTROL, KEYV, OURS, PLAIN_FILES, RAW_SQLITE } from './names.ts';

/** A store of this host whose single operations are measured. */
export interface HostSubject {
  readonly name: string;
  readonly get: (key: string) => Promise<unknown>;
  readonly set: (key: string, bytes: Buffer) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

/** A day, in milliseconds. */
const TTL = 86_400_000;

/** A deadline that never comes. */
function call(): StoreCall {
  return { signal: new AbortController().signal };
}

function ofStore(name: string, store: CacheStore): HostSubject {
  return {
    name,
    async get(key) {
      const [entry] = await store.getMany([key], call());
      return entry?.bytes;
    },
    async set(key, bytes) {
      const [result] = await store.setMany([{ key, bytes, ttl: TTL }], call());
      if (result !== 'stored') throw new Error(`${name}: a set was ${result}`);
    },
    close: () => store.close(),
  };
}

/** Stores in SQLite; those whose driver is not there are left out. */
export async function sqliteSubjects(folder: string): Promise<HostSubject[]> {
  const file = (name: string): string => path.join(folder, `${name}.db`);
  const peers = await Promise.all([
    ifInstalled(() => keyvSqlite(file('keyv'))),
    ifInstalled(() => rawSqlite(file('raw'))),
  ]);
  return [
    ofStore(OURS, sqliteStore({ path: file('ours') })),
    ofStore(CONTROL, sqliteStore({ path: file('control') })),
    ...peers.filter((peer) => peer !== undefined),
  ];
}

/** Stores in files. */
export function fileSubjects(folder: string): HostSubject[] {
  const ofCacache = path.join(folder, 'cacache');
  return [
    ofStore(OURS, fsStore({ dir: path.join(folder, 'ours') })),
    ofStore(CONTROL, fsStore({ dir: path.join(folder, 'control') })),
    {
      name: CACACHE,
      get: (key) => cacache.get(ofCacache, key),
      set: (key, bytes) => cacache.put(ofCacache, key, bytes),
      close: () => Promise.resolve(),
    },
    plainFiles(folder),
  ];
}

/** The least that a store in files can do: read; write and rename. */
function plainFiles(folder: string): HostSubject {
  const fileOf = (key: string): string =>
    path.join(folder, createHash('sha1').update(key).digest('hex'));
  return {
    name: PLAIN_FILES,
    get: (key) => readFile(fileOf(key)),
    async set(key, bytes) {
      const temporary = path.join(folder, randomUUID());
      await writeFile(temporary, bytes);
      await rename(temporary, fileOf(key));
    },
    close: () => Promise.resolve(),
  };
}

interface KeyvStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

async function keyvSqlite(file: string): Promise<HostSubject> {
  // Variables, since the compiler must not insist on what may not be there.
  const specifier: string = KEYV;
  const { KeyvSqlite } = (await import(specifier)) as {
    readonly KeyvSqlite: new (uri: string) => KeyvStore;
  };
  const store = new KeyvSqlite(`sqlite://${file}`);
  return {
    name: KEYV,
    get: (key) => store.get(key),
    set: (key, bytes) => store.set(key, bytes.toString('latin1')),
    close: () => store.disconnect(),
  };
}

interface Statement {
  get(...values: readonly unknown[]): unknown;
  run(...values: readonly unknown[]): unknown;
}
interface Database {
  pragma(text: string): unknown;
  exec(text: string): unknown;
  prepare(text: string): Statement;
  close(): void;
}

/** One statement per operation, with the settings of ours. */
async function rawSqlite(file: string): Promise<HostSubject> {
  const specifier: string = RAW_SQLITE;
  const { default: Driver } = (await import(specifier)) as {
    readonly default: new (path: string) => Database;
  };
  const database = new Driver(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec('CREATE TABLE entries (key TEXT PRIMARY KEY, bytes BLOB) WITHOUT ROWID');
  const get = database.prepare('SELECT bytes FROM entries WHERE key = ?');
  const set = database.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?)');
  return {
    name: RAW_SQLITE,
    get: async (key) => get.get(key),
    set: async (key, bytes) => set.run(key, bytes),
    close: async () => {
      database.close();
    },
  };
}

async function ifInstalled(open: () => Promise<HostSubject>): Promise<HostSubject | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
