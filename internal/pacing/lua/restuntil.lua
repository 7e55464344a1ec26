-- restuntil starts a rest whose end was told, and never shortens one.
--
-- KEYS[1]  the rest (rest.lua)
-- ARGV     1 end in µs since 1970, or 0  2 µs from now, if 1 is 0  3 calm µs, as for rest  4 reason
--          5, 6 the fields of the end and the reason: until and reason, or those of a kind
-- returns  {now, until}

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local v = redis.pcall('HMGET', KEYS[1], ARGV[5])
local rests = tonumber(v[1] or '0')
if v.err or not rests then
  return {str(now), str(now + 3600000000)} -- damaged: a rest until a person ends it, see take.lua
end
local told = tonumber(ARGV[1])
if told == 0 then told = now + tonumber(ARGV[2]) end

if told > now and told > rests then
  rests = told
  redis.call('HSET', KEYS[1], ARGV[5], str(rests), ARGV[6], ARGV[4])
  local keep = math.ceil((rests - now + tonumber(ARGV[3])) / 1000) + 3600000
  if keep > redis.call('PTTL', KEYS[1]) then redis.call('PEXPIRE', KEYS[1], str(keep)) end
end
return {str(now), str(rests)}
