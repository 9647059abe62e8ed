import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNetwork } from '../../src/signals/network.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'perf-network-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

test('all interfaces but the loopback are added up', () => {
  const file = path.join(folder, 'dev');
  const lines = [
    '    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0',
    '  eth0: 100 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0',
    '  eth1:50 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0',
  ];
  writeFileSync(file, HEAD + lines.join('\n'));
  expect(readNetwork(file)).toEqual({ received: 150, sent: 23 });
});

test('where the kernel has no such file, nothing is known', () => {
  expect(readNetwork(path.join(folder, 'none'))).toEqual({
    received: Number.NaN,
    sent: Number.NaN,
  });
});
