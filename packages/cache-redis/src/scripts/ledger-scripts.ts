import { defineScript, type Script } from './script.ts';

/*
 * The ledger is one sorted set, lost whole or not at all. Members: `c`, whose score is how many patterns there
 * are, as millionths above -1; `f` the floor, and `t`, `s`, `p` with the name of a tag, a softly invalidated
 * tag, a pattern: their score is the number of the last invalidation; and the head, `h` with the highest of
 * these numbers and the ledger's id, at infinity: whatever newer members are read, it comes with them.
 */

/** Lua: the ledger's id and highest number; it is made if there is none. */
const HEADS = `
local L = KEYS[1]
local function setHead(id, seq)
  redis.call('ZREMRANGEBYSCORE', L, '+inf', '+inf')
  redis.call('ZADD', L, '+inf', 'h' .. seq .. ' ' .. id)
end
local function headOr(id)
  local last = redis.call('ZRANGE', L, -1, -1)[1]
  local seq, own = string.match(last or '', '^h(%d+) (.+)$')
  if own then return own, tonumber(seq) end
  -- What lies there without a head is no ledger.
  redis.call('DEL', L)
  setHead(id, '0')
  return id, 0
end
local function isNoLedger()
  local kind = redis.call('TYPE', L).ok
  return kind ~= 'zset' and kind ~= 'none'
end
local function whole(number)
  return string.format('%.0f', number)
end
`;

/**
 * KEYS: ledger. ARGV: an id for a new ledger, the highest number that the caller has seen, channel, the
 * message before and after its numbers, how many tags and patterns there may be, and the members. Answers
 * the id, the highest number before, the new number.
 */
export const BUMP: Script = defineScript(`
${HEADS}
local reached = tonumber(ARGV[2])
local mostTags, mostPatterns = tonumber(ARGV[6]), tonumber(ARGV[7])
if isNoLedger() then redis.call('DEL', L) end
-- An invalidation is not refused for want of memory: Redis looks at it only at a script's first write.
redis.call('ZREM', L, '')
local id, prev = headOr(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local seq = math.max(prev, reached, now) + 1
local number = whole(seq)
setHead(id, number)

local counted = redis.call('ZSCORE', L, 'c')
local patterns = counted and math.floor((tonumber(counted) + 1) * 1000000 + 0.5) - 1 or 0
local before = patterns
for n = 8, #ARGV do
  local added = redis.call('ZADD', L, number, ARGV[n])
  if string.sub(ARGV[n], 1, 1) == 'p' then patterns = patterns + added end
end

-- What is forgotten one by one is remembered for everything.
local function forget(member, score)
  redis.call('ZREM', L, member)
  if string.sub(member, 1, 1) == 'p' then patterns = patterns - 1 end
  local floor = redis.call('ZSCORE', L, 'f')
  if not floor or tonumber(floor) < tonumber(score) then redis.call('ZADD', L, score, 'f') end
end
-- The oldest members of a kind; the others that come on the way are few, or there are none.
local function forgetOldest(count, ofPatterns)
  local from = '0'
  while count > 0 do
    local rows = redis.call('ZRANGEBYSCORE', L, from, '(+inf', 'WITHSCORES', 'LIMIT', 0, 1000)
    local done = true
    for n = 1, #rows, 2 do
      local kind = string.sub(rows[n], 1, 1)
      if kind ~= 'f' and (kind == 'p') == ofPatterns and count > 0 then
        forget(rows[n], rows[n + 1])
        count = count - 1
        done = false
      end
    end
    if done then
      if #rows < 2000 then return end
      from = '(' .. rows[#rows]
    end
  end
end
if patterns > mostPatterns then forgetOldest(patterns - math.floor(mostPatterns / 2), true) end
local others = 1
if redis.call('ZSCORE', L, 'f') then others = others + 1 end
if redis.call('ZSCORE', L, 'c') then others = others + 1 end
local tags = redis.call('ZCARD', L) - others - patterns
if tags > mostTags then forgetOldest(tags - math.floor(mostTags * 9 / 10), false) end
if patterns ~= before then redis.call('ZADD', L, (math.max(0, patterns) + 1) / 1000000 - 1, 'c') end

if ARGV[4] ~= '' then
  redis.call('PUBLISH', ARGV[3], ARGV[4] .. id .. ' ' .. whole(prev) .. ' ' .. number .. ARGV[5])
end
return { id, whole(prev), number }
`);

/**
 * KEYS: ledger. ARGV: an id for a new ledger, the number to read from, how many members make a page.
 * Answers the id, the highest number, then each newer member and its number, in ascending order; those of
 * one number are never torn apart.
 */
export const DELTA: Script = defineScript(`
${HEADS}
local since, size = ARGV[2], tonumber(ARGV[3])
local kind = redis.pcall('ZRANGE', L, 0, 0)
if kind.err and isNoLedger() then redis.call('DEL', L) end
local id, seq = headOr(ARGV[1])
local answer = { id, whole(seq) }
local rows = redis.call('ZRANGEBYSCORE', L, '(' .. since, '(+inf', 'WITHSCORES', 'LIMIT', 0, size)
local count = #rows
if count == 2 * size then
  local last = rows[count]
  while count > 0 and rows[count] == last do count = count - 2 end
  for n = 1, count do answer[#answer + 1] = rows[n] end
  rows = redis.call('ZRANGEBYSCORE', L, last, last, 'WITHSCORES')
end
for _, item in ipairs(rows) do answer[#answer + 1] = item end
return answer
`);
