import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TraceFormatError } from '../src/errors.ts';
import { readTrace } from '../src/read-trace.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf-traces-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(content: Uint8Array): Promise<string> {
  const file = path.join(folder, 'trace');
  await writeFile(file, content);
  return file;
}

const KEYS = Buffer.from([1, 0, 0, 0, 255, 255, 255, 255, 0, 1, 0, 0]);

test('keys are unsigned, 32 bits, little-endian', async () => {
  expect([...(await readTrace(await fileOf(KEYS)))]).toEqual([1, 4_294_967_295, 256]);
});

test('gzip is told by the content', async () => {
  const file = await fileOf(gzipSync(KEYS));
  expect([...(await readTrace(file))]).toEqual([1, 4_294_967_295, 256]);
});

test('a key that begins as gzip does is a key', async () => {
  const file = await fileOf(Buffer.from([0x1f, 0x8b, 0, 0]));
  expect([...(await readTrace(file))]).toEqual([0x8b1f]);
});

test('a file that is too long is refused before it is read', async () => {
  const file = await fileOf(KEYS);
  await truncate(file, 2 ** 31 + 4);
  const attempt = readTrace(file);
  await expect(attempt).rejects.toThrow(TraceFormatError);
  await expect(attempt).rejects.toThrow('too long');
});

describe('a file that holds no trace is refused by name', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'is empty'],
    ['half a key', KEYS.subarray(0, 6), '6 bytes are no whole number'],
    ['gzip cut off', gzipSync(KEYS).subarray(0, 15), 'cannot be unpacked'],
    ['gzip of nothing', gzipSync(Buffer.alloc(0)), 'is empty'],
  ])('%s', async (_, content, problem) => {
    const file = await fileOf(content);
    const attempt = readTrace(file);
    await expect(attempt).rejects.toThrow(TraceFormatError);
    await expect(attempt).rejects.toThrow(`${file} is not a trace: it`);
    await expect(attempt).rejects.toThrow(problem);
  });
});

test('a file that is not there is an error of the file system', async () => {
  await expect(readTrace(path.join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
});
