import { createDeferred, type Clock } from '@perf/core';
import type { ClientWatch } from '../client/client-watch.ts';
import { gather } from '../client/gather.ts';
import { isCluster, type RedisArgument } from '../client/redis-client.ts';
import { isReply, withoutCommand } from '../client/driver-errors.ts';
import type { Script } from '../scripts/script.ts';

/** How long a command for a slot that moves is tried again at most, and after which pauses, in milliseconds. */
const LONGEST_MOVE = 5000;
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 50;

/** One command: a script, and what it is to work on. All keys are on one slot. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
}

/** Sends commands to the servers behind one client; what is sent in one step leaves as one packet. */
export interface Sender {
  /** A command that may be on its way twice: what is asked of a slot that moves is asked again. */
  readonly plain: (command: string, ...args: RedisArgument[]) => Promise<unknown>;
  /**
   * A server that does not know the script by its name is sent the whole of it, unless nobody wants it by
   * then: whoever gave it up may have repeated it meanwhile.
   */
  readonly script: (call: ScriptCall) => Promise<unknown>;
}

/** @param isOver whether nobody wants any more what has not been sent yet */
export function senderOf(watch: ClientWatch, isOver: () => boolean, clock: Clock): Sender {
  const { client } = watch;
  const send: Sender['plain'] = (command, ...args) => {
    gather(client);
    return watch.track(client.callBuffer(command, ...args));
  };
  const persist = (once: () => Promise<unknown>): Promise<unknown> =>
    isCluster(client)
      ? once().catch((error: unknown) => sendAgain(once, isOver, clock, error))
      : once();
  return {
    plain: (command, ...args) =>
      persist(() => send(command, ...args)).catch((error: unknown) => {
        throw withoutCommand(error);
      }),
    script({ script, keys, args }) {
      const rest = [String(keys.length), ...keys, ...args];
      return persist(() =>
        send('evalsha', script.sha, ...rest).catch((error: unknown) => {
          const isUnknown = isReply(error) && error.message.startsWith('NOSCRIPT');
          if (!isUnknown || isOver()) throw withoutCommand(error);
          return send('eval', script.source, ...rest).catch((other: unknown) => {
            throw withoutCommand(other);
          });
        }),
      );
    },
  };
}

/** While a slot moves, its node runs nothing on two keys; nothing has been done then. */
async function sendAgain(
  once: () => Promise<unknown>,
  isOver: () => boolean,
  clock: Clock,
  reason: unknown,
): Promise<unknown> {
  let error = reason;
  const end = clock.now() + LONGEST_MOVE;
  for (let pause = FIRST_PAUSE; isMoving(error); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const over = createDeferred();
    clock.setTimer(over.resolve, pause);
    await over.promise;
    if (isOver() || clock.now() > end) break;
    try {
      return await once();
    } catch (latest) {
      error = latest;
    }
  }
  throw error;
}

/** No node has taken the command, and the driver has asked often enough; the last answer may be any redirection. */
function isMoving(error: unknown): boolean {
  return error instanceof Error && /TRYAGAIN|^Too many Cluster redirections/.test(error.message);
}
