import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@perf/core';
import { TestServerError } from '../errors.ts';
import { describeSelf, hasEnded, type Owner } from './owner.ts';

/** How often whoever waits looks again, in milliseconds. */
const POLL = 100;

/** A turn that is held until it is given up. */
export interface Turn {
  release(): void;
}

/**
 * Waits until no other process of this machine holds the turn of that name; who holds one and has ended is passed over.
 * @param file names the turn; it exists while somebody holds it
 * @param isDone whether there is nothing left to do: then nobody needs a turn
 * @returns `undefined` when it is done
 * @throws {@link TestServerError} naming who holds it, after `timeout` ms
 */
export async function takeTurn(
  server: string,
  file: string,
  timeout: number,
  isDone: () => boolean,
): Promise<Turn | undefined> {
  const deadline = systemClock.now() + timeout;
  const self = JSON.stringify(describeSelf());
  // Linked, not written, into its place: it is there with its content or not at all.
  const draft = `${file}.${process.pid}`;
  try {
    while (!isDone()) {
      writeFileSync(draft, self, { mode: 0o600 });
      if (tryLink(draft, file)) {
        return {
          release: () => {
            rmSync(file, { force: true });
          },
        };
      }
      const owner = readOwner(file);
      if (owner !== undefined && hasEnded(owner)) rmSync(file, { force: true });
      else if (systemClock.now() > deadline) {
        throw new TestServerError(
          server,
          `process ${owner?.pid ?? '(unknown)'} has been busy for ${timeout} ms; end it, or remove ${file}`,
        );
      } else await delay(POLL);
    }
    return undefined;
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined` when it has just gone. */
function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}
