-- rest starts a rest after "rate overlimit", each longer than the one before.
--
-- KEYS[1]  hash:
--   until    µs, when the instance may call again
--   reason   the provider's words
--   cause    a code of rest.go
--   since    µs, when it began to rest for this cause, over rests that follow each other closely
--   create, createReason, createCause, createSince, invite, …   the same of one kind of call alone
--   limited  µs, the end of the last rest that this script started
--   level    how many of those came in a row
-- ARGV     1 initial µs  2 multiplier  3 max µs  4 calm µs  5 reason  6 cause  7 µs between rests that are one
-- returns  {now, until, level}
-- A call that was under way when the rest began may report the same limit once more: while such a rest
-- lasts nothing is added. After calm µs without a new one the row starts over.

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local v = redis.pcall('HMGET', KEYS[1], 'until', 'limited', 'level', 'cause', 'since')
local rests, limited, level = tonumber(v[1] or '0'), tonumber(v[2] or '0'), tonumber(v[3] or '0')
if v.err or not (rests and limited and level) then
  return {str(now), str(now + 3600000000), '1'} -- damaged: a rest until a person ends it, see take.lua
end

if limited > now and rests > now then
  return {str(now), str(rests), str(level)}
end
if now - limited < tonumber(ARGV[4]) then level = level + 1 else level = 1 end

limited = now + math.floor(math.min(tonumber(ARGV[1]) * tonumber(ARGV[2]) ^ (level - 1), tonumber(ARGV[3])))
if limited > rests then
  local since = tonumber(v[5] or '')
  if not since or v[4] ~= ARGV[6] or rests + tonumber(ARGV[7]) < now then since = now end
  rests = limited
  redis.call('HSET', KEYS[1], 'until', str(rests), 'reason', ARGV[5], 'cause', ARGV[6], 'since', str(since))
end
redis.call('HSET', KEYS[1], 'limited', str(limited), 'level', str(level))
local keep = math.ceil((rests - now + tonumber(ARGV[4])) / 1000) + 3600000
if keep > redis.call('PTTL', KEYS[1]) then redis.call('PEXPIRE', KEYS[1], str(keep)) end
return {str(now), str(rests), str(level)}
