-- restuntil starts a rest whose end was told, and never shortens one.
--
-- KEYS[1]  the rest (rest.lua)
-- ARGV     1 end in µs since 1970, or 0  2 µs from now, if 1 is 0  3 calm µs, as for rest  4 reason
--          5, 6, 7, 8 the fields of the end, the reason, the cause and the beginning: of both kinds, or of one
--          9 cause  10 µs between rests that are one
-- returns  {now, until}

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local v = redis.pcall('HMGET', KEYS[1], ARGV[5], ARGV[7], ARGV[8])
local rests = tonumber(v[1] or '0')
if v.err or not rests then
  return {str(now), str(now + 3600000000)} -- damaged: a rest until a person ends it, see take.lua
end
local told = tonumber(ARGV[1])
if told == 0 then told = now + tonumber(ARGV[2]) end

if told > now and told > rests then
  local since = tonumber(v[3] or '')
  if not since or v[2] ~= ARGV[9] or rests + tonumber(ARGV[10]) < now then since = now end
  rests = told
  redis.call('HSET', KEYS[1], ARGV[5], str(rests), ARGV[6], ARGV[4], ARGV[7], ARGV[9], ARGV[8], str(since))
  local keep = math.ceil((rests - now + tonumber(ARGV[3])) / 1000) + 3600000
  if keep > redis.call('PTTL', KEYS[1]) then redis.call('PEXPIRE', KEYS[1], str(keep)) end
end
return {str(now), str(rests)}
