import { defineScript, IS_ERROR, PUBLISH, STANDING, STORE, type Script } from './script.ts';

/**
 * KEYS: values, then their tickets. ARGV: for each the nonce that counts as absent (or empty), the ticket,
 * its lifetime in milliseconds, and the ticket that it displaces (or empty). Answers three items for each:
 * `0, nothing, 0` the ticket stands; `1, bytes, remaining` there is a value; `2, ticket, 0` another one
 * stands; `3, nothing, 0` there was no room for the ticket.
 */
export const TICKET: Script = defineScript(`
${IS_ERROR}
${STORE}
${STANDING}
-- The envelope's magic, and its nonce: the same places in every version.
local function isBad(key, nonce)
  if nonce == '' then return false end
  local head = redis.pcall('GETRANGE', key, 0, 15)
  if type(head) == 'table' then return false end
  return #head == 16 and string.sub(head, 1, 2) == '\\245\\67' and string.sub(head, 9) == nonce
end
-- What is no value is removed.
local function present(key, nonce)
  if isBad(key, nonce) then return false end
  local value = redis.pcall('GET', key)
  if failed(value, 'WRONGTYPE') then
    redis.call('UNLINK', key)
    return false
  end
  if type(value) == 'table' and value.err then error(value) end
  return value
end
local count = #KEYS / 2
local answers = {}
for n = 1, count do
  local at = 4 * (n - 1)
  local nonce, ticket, ttl, former = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local value = present(KEYS[n], nonce)
  local kind, payload, remaining = 0, false, 0
  if value then
    kind, payload, remaining = 1, value, redis.call('PTTL', KEYS[n])
  else
    local stands = standing(KEYS[count + n])
    if stands and stands ~= ticket and stands ~= former then
      kind, payload = 2, stands
    elseif store(KEYS[count + n], ticket, ttl) == 2 then
      kind = 3
    end
  end
  answers[3 * n - 2] = kind
  answers[3 * n - 1] = payload
  answers[3 * n] = remaining
end
return answers
`);

/** KEYS: tickets. ARGV: lifetime in milliseconds, then the ticket of each. Answers 1 for each that stands, 0. */
export const RENEW: Script = defineScript(`
${IS_ERROR}
${STANDING}
local answers = {}
for n, key in ipairs(KEYS) do
  answers[n] = 0
  if standing(key) == ARGV[n + 1] then answers[n] = redis.call('PEXPIRE', key, ARGV[1]) end
end
return answers
`);

/** KEYS: tickets. ARGV: channel, message, then the ticket of each. Answers 1 for each that stood, 0. */
export const RELEASE: Script = defineScript(`
${IS_ERROR}
${STANDING}
${PUBLISH}
local answers = {}
local released = 0
for n, key in ipairs(KEYS) do
  answers[n] = 0
  if standing(key) == ARGV[n + 2] then
    answers[n] = redis.call('DEL', key)
    released = released + 1
  end
end
if released > 0 then publish(ARGV[1], ARGV[2]) end
return answers
`);

/**
 * KEYS: values, then their tickets. ARGV: channel, message, then for each its ticket, its bytes and its
 * lifetime in milliseconds, empty for no end. Answers 1 for each stored one, 0 without its ticket, 2 for
 * want of room: the ticket still stands then.
 */
export const FILL: Script = defineScript(`
${IS_ERROR}
${STORE}
${STANDING}
${PUBLISH}
local count = #KEYS / 2
local answers = {}
local stored = 0
for n = 1, count do
  local at = 3 * n
  answers[n] = 0
  if standing(KEYS[count + n]) == ARGV[at] then
    answers[n] = store(KEYS[n], ARGV[at + 1], ARGV[at + 2])
    if answers[n] == 1 then
      redis.call('DEL', KEYS[count + n])
      stored = stored + 1
    end
  end
end
if stored > 0 then publish(ARGV[1], ARGV[2]) end
return answers
`);

/**
 * KEYS: value, ticket. ARGV: channel, message, ticket, its lifetime in milliseconds. Has room whatever the
 * memory: it deletes first.
 */
export const BEGIN: Script = defineScript(`
${PUBLISH}
redis.call('UNLINK', KEYS[1])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
publish(ARGV[1], ARGV[2])
return 0
`);

/**
 * KEYS: value, ticket. ARGV: channel, message that the key has changed, message that the load is over,
 * ticket, lifetime in milliseconds or empty, and the bytes unless they are too long. Answers 1 if stored;
 * 0 without the ticket and 2 without room: value and ticket are gone then.
 */
export const SETTLE: Script = defineScript(`
${IS_ERROR}
${STORE}
${STANDING}
${PUBLISH}
local answer = 0
if standing(KEYS[2]) == ARGV[4] then
  answer = 2
  if ARGV[6] then answer = store(KEYS[1], ARGV[6], ARGV[5]) end
end
if answer ~= 1 then redis.call('UNLINK', KEYS[1]) end
redis.call('DEL', KEYS[2])
publish(ARGV[1], ARGV[2])
publish(ARGV[1], ARGV[3])
return answer
`);
