import { createHash } from 'node:crypto';
import type { RedisLimiterClient } from './redis-client.ts';

/** What one step on a key does. */
export type Step =
  /** Takes as much as there is, up to `most`, if that is at least `cost`; otherwise nothing. */
  | 'take'
  /** Nothing. */
  | 'check'
  /** Counts `cost` against the key, or gives it back if it is negative. */
  | 'add'
  /** Counts at least the limit and `cost` against the key. */
  | 'block'
  /** Forgets the key. */
  | 'reset';

/** What a step came to. */
export interface StepReply {
  /** How much was taken. */
  readonly taken: number;
  /** How much counts against the key now. */
  readonly used: number;
}

/** More than can ever be paid off: what counts against a key that is blocked for good. */
export const FOR_GOOD = 1e300;

/**
 * A token bucket by Redis's own clock. Of a key it keeps how much counted against it and when, so that limits may change
 * while it is there; it goes away when nothing does any more. A clock that was set back pays off nothing meanwhile.
 */
const SOURCE = `
local rate, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local step, cost, most = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if step == 'reset' then
  redis.call('DEL', KEYS[1])
  return {'0', '0'}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local used = 0
local state = redis.call('GET', KEYS[1])
if state then
  local before, at = string.match(state, '^(%S+) (%S+)$')
  used = tonumber(before) - math.max(0, now - tonumber(at)) * rate
  if used < 0 then used = 0 end
end
if step == 'check' then return {'0', string.format('%.17g', used)} end
local taken = 0
if step == 'take' then
  local free = limit - used
  if cost > free + 1e-9 then return {'0', string.format('%.17g', used)} end
  taken = math.max(cost, math.floor(math.min(most, free)))
  used = used + taken
elseif step == 'add' then
  used = math.max(0, used + cost)
else
  used = math.max(used, limit + cost)
end
local lifetime = math.ceil(used / rate) + 1
local text = string.format('%.17g %.17g', used, now)
if lifetime < 1e15 then
  redis.call('SET', KEYS[1], text, 'PX', string.format('%.0f', lifetime))
else
  redis.call('SET', KEYS[1], text)
end
return {string.format('%.17g', taken), string.format('%.17g', used)}
`.trim();
const SHA = createHash('sha1').update(SOURCE).digest('hex');

/**
 * Sends a step: the script by its name, and whole to a server that does not know it. Rejects with the driver's error.
 * @param rate per millisecond
 */
export async function runStep(
  client: RedisLimiterClient,
  key: string,
  rate: number,
  limit: number,
  step: Step,
  cost: number,
  most: number,
): Promise<StepReply> {
  const args = [1, key, rate, limit, step, cost, most];
  let reply: unknown;
  try {
    reply = await client.call('evalsha', SHA, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) {
      throw withoutCommand(error);
    }
    try {
      reply = await client.call('eval', SOURCE, ...args);
    } catch (again) {
      throw withoutCommand(again);
    }
  }
  const [taken, used] = reply as readonly unknown[];
  return { taken: Number(taken), used: Number(used) };
}

/** The driver keeps the command, with its keys, beside its errors; they do not belong into a log. */
function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && 'command' in error) delete error.command;
  return error;
}
