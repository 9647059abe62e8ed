import { execFileSync } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Disturbance } from '../fault.ts';

/** Twice what libuv has by default. */
const AT_ONCE = 8;

/** Keeps all threads of libuv's pool taken: by cryptography, or by a file that answers late. */
export function takeThreads(random: () => number): Disturbance {
  return random() < 0.5 ? byCryptography(random) : byPipes(random);
}

function byCryptography(random: () => number): Disturbance {
  const rounds = 100_000 + Math.floor(random() * 200_000);
  const stopping = new AbortController();
  const running = Array.from({ length: AT_ONCE }, async () => {
    while (!stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        pbkdf2('secret', 'salt', rounds, 64, 'sha512', () => {
          resolve();
        });
      });
    }
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** Opening a named pipe takes a thread until somebody opens the other end, as a file of a server that is away does. */
function byPipes(random: () => number): Disturbance {
  const held = 150 + random() * 300;
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-faulty-service-'));
  const stopping = new AbortController();
  const running = Array.from({ length: AT_ONCE }, async (_, index) => {
    const pipe = path.join(folder, String(index));
    execFileSync('mkfifo', [pipe]);
    while (!stopping.signal.aborted) {
      const reader = open(pipe, 'r');
      setTimeout(() => {
        releasePipe(pipe);
      }, held);
      await (await reader).close();
      await wait(1);
    }
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Opens the other end without waiting; who waits for it has its thread back. */
function releasePipe(pipe: string): void {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // Its opening still waits for a thread: nobody reads yet.
    setTimeout(() => {
      releasePipe(pipe);
    }, 20);
  }
}
