import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { isHandle, isRequest, readActiveResources } from '../../src/signals/active-resources.ts';

/** The test runner has resources of its own, which come and go. */
function countOf(type: string): number {
  return readActiveResources().types.get(type) ?? 0;
}

test('what keeps the loop alive is counted by type', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const timer = setTimeout(() => undefined, 60_000);
  const reading = readFile(import.meta.filename);
  expect(countOf('TCPServerWrap')).toBe(1);
  expect(countOf('Timeout')).toBeGreaterThanOrEqual(1);
  expect(readActiveResources().requests).toBeGreaterThanOrEqual(1);
  clearTimeout(timer);
  await reading;
  server.close();
  await vi.waitFor(() => expect(countOf('TCPServerWrap')).toBe(0), { timeout: 15_000 });
});

test('handles and requests are the sums of their types', () => {
  const { types, handles, requests } = readActiveResources();
  const sumOf = (is: (type: string) => boolean): number =>
    [...types].filter(([type]) => is(type)).reduce((sum, [, count]) => sum + count, 0);
  expect(handles).toBe(sumOf(isHandle));
  expect(requests).toBe(sumOf(isRequest));
});

test.each(['FSReqCallback', 'FSReqPromise', 'GetAddrInfoReqWrap', 'TCPConnectWrap', 'WriteWrap'])(
  '%s is a call under way',
  (type) => {
    expect(isRequest(type)).toBe(true);
    expect(isHandle(type)).toBe(false);
  },
);

test.each(['TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'TTYWrap', 'FSEventWrap', 'UDPWrap'])(
  '%s is a handle',
  (type) => {
    expect(isHandle(type)).toBe(true);
    expect(isRequest(type)).toBe(false);
  },
);

test('a timer is neither a handle nor a request', () => {
  expect(isHandle('Timeout') || isRequest('Timeout')).toBe(false);
  expect(isHandle('Immediate') || isRequest('Immediate')).toBe(false);
});
