import { createHash } from 'node:crypto';

/** A script that Redis runs as one step, and by which name it knows it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function defineScript(source: string): Script {
  const text = source.trim();
  return { source: text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * Lua: what `pcall` answered is an error of this kind. Older servers begin it with a hyphen.
 */
export const IS_ERROR = `
local function failed(reply, kind)
  if type(reply) ~= 'table' or reply.err == nil then return false end
  local at = string.find(reply.err, kind, 1, true)
  return at ~= nil and at <= 2
end
`;

/**
 * Lua: stores a value. Without room nothing is written, as long as nothing was written before in the
 * script: Redis looks at its memory only at the first write.
 * Answers 1, or 2 for want of room.
 */
export const STORE = `
local function store(key, value, ttl)
  local reply
  if ttl == '' then
    reply = redis.pcall('SET', key, value)
  else
    reply = redis.pcall('SET', key, value, 'PX', ttl)
  end
  if failed(reply, 'OOM') then return 2 end
  if type(reply) == 'table' and reply.err then error(reply) end
  return 1
end
`;

/** Lua: the ticket that stands; what is no ticket there is removed. */
export const STANDING = `
local function standing(key)
  local reply = redis.pcall('GET', key)
  if failed(reply, 'WRONGTYPE') then
    redis.call('DEL', key)
    return false
  end
  if type(reply) == 'table' and reply.err then error(reply) end
  return reply
end
`;

/** Lua: tells the other instances, if there is anything to tell. */
export const PUBLISH = `
local function publish(channel, message)
  if message ~= '' then redis.call('PUBLISH', channel, message) end
end
`;
