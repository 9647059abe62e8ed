import { defineScript, IS_ERROR, PUBLISH, STORE, type Script } from './script.ts';

/**
 * KEYS: values. Answers two items for each: the bytes or nothing, and the remaining milliseconds: -1 for
 * no end, -2 for nothing there, -3 for something there that is no value, which is removed.
 */
export const READ: Script = defineScript(`
${IS_ERROR}
local answers = {}
for n, key in ipairs(KEYS) do
  local value = redis.pcall('GET', key)
  local remaining = -2
  if failed(value, 'WRONGTYPE') then
    redis.call('UNLINK', key)
    value = false
    remaining = -3
  elseif type(value) == 'table' and value.err then
    return value
  elseif value then
    remaining = redis.call('PTTL', key)
  end
  answers[2 * n - 1] = value
  answers[2 * n] = remaining
end
return answers
`);

/** KEYS: values. Answers the remaining milliseconds of each: -1 for no end, -2 for nothing there. */
export const REMAINING: Script = defineScript(`
local answers = {}
for n, key in ipairs(KEYS) do answers[n] = redis.call('PTTL', key) end
return answers
`);

/**
 * KEYS: values, then their tickets. ARGV: channel, message, then for each its bytes and its lifetime in
 * milliseconds, empty for no end. Answers 1 for each stored one, 2 for want of room.
 */
export const WRITE: Script = defineScript(`
${IS_ERROR}
${STORE}
${PUBLISH}
local count = #KEYS / 2
local answers = {}
for n = 1, count do
  answers[n] = store(KEYS[n], ARGV[2 * n + 1], ARGV[2 * n + 2])
end
redis.call('DEL', unpack(KEYS, count + 1))
publish(ARGV[1], ARGV[2])
return answers
`);

/** KEYS: values, then their tickets. ARGV: channel, message. Answers how many values there were. */
export const DELETE: Script = defineScript(`
${PUBLISH}
local count = #KEYS / 2
local removed = redis.call('UNLINK', unpack(KEYS, 1, count))
redis.call('DEL', unpack(KEYS, count + 1))
publish(ARGV[1], ARGV[2])
return removed
`);

/** KEYS: values. ARGV: lifetime in milliseconds, empty for no end. */
export const TOUCH: Script = defineScript(`
for _, key in ipairs(KEYS) do
  if ARGV[1] == '' then
    redis.call('PERSIST', key)
  else
    redis.call('PEXPIRE', key, ARGV[1])
  end
end
return 0
`);
