-- rest starts a rest and never shortens one. The rest lasts until a given end or, after "rate overlimit", longer than
-- the one before.
--
-- KEYS[1]  hash:
--   until    µs, when the instance may call again
--   reason   the provider's words
--   cause    a code of rest.go
--   since    µs, the beginning of the first of the consecutive rests for this cause
--   create, createReason, createCause, createSince, invite, …   the same of one kind of call alone
--   limited  µs, the end of the last rest that grew
--   level    how many consecutive rests grew
-- ARGV     1, 2, 3, 4 the fields of the end, the reason, the cause and the beginning: of both kinds, or of one
--          5 reason  6 cause  7 µs between rests that are one  8 calm µs
--          9 end in µs since 1970, or 0  10 µs from now, if 9 is 0
--          11 multiplier, or 0: the rest does not grow  12 the longest in µs, if it grows from 10
-- returns  {now, until}
-- A call that was under way when a rest began may report the same limit again, so nothing is added during a rest that
-- grew. After calm µs without a new one the growth starts over.

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local v = redis.pcall('HMGET', KEYS[1], ARGV[1], ARGV[3], ARGV[4], 'limited', 'level')
local rests, limited, level = tonumber(v[1] or '0'), tonumber(v[4] or '0'), tonumber(v[5] or '0')
if v.err or not (rests and limited and level) then
  return {str(now), str(now + 3600000000)} -- damaged: rest until a person ends it, see take.lua
end
local calm = tonumber(ARGV[8])
local told = tonumber(ARGV[9])
if told == 0 then told = now + tonumber(ARGV[10]) end

local multiplier = tonumber(ARGV[11])
if multiplier > 0 then
  if limited > now and rests > now then return {str(now), str(rests)} end
  if now - limited < calm then level = level + 1 else level = 1 end
  told = now + math.floor(math.min((told - now) * multiplier ^ (level - 1), tonumber(ARGV[12])))
  redis.call('HSET', KEYS[1], 'limited', str(told), 'level', str(level))
end
if told > now and told > rests then
  local since = tonumber(v[3] or '')
  if not since or v[2] ~= ARGV[6] or rests + tonumber(ARGV[7]) < now then since = now end
  rests = told
  redis.call('HSET', KEYS[1], ARGV[1], str(rests), ARGV[2], ARGV[5], ARGV[3], ARGV[6], ARGV[4], str(since))
end
local keep = math.ceil((rests - now + calm) / 1000) + 3600000
if keep > redis.call('PTTL', KEYS[1]) then redis.call('PEXPIRE', KEYS[1], str(keep)) end
return {str(now), str(rests)}
