-- unrate gives a reservation of rate back, if no later one was made: a later one keeps its moment, and
-- taking ours out from before it would let the next come too close to it.
--
-- KEYS[1]  as in rate
-- ARGV     1 interval µs  2 start of the reservation, µs
-- returns  {"given"|"kept", now}

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = str(tonumber(t[1]) * 1000000 + tonumber(t[2]))
local at = tonumber(ARGV[2])
if tonumber(redis.call('GET', KEYS[1]) or '0') ~= at + tonumber(ARGV[1]) then
  return {'kept', now}
end
redis.call('SET', KEYS[1], str(at), 'KEEPTTL')
return {'given', now}
