-- rate reserves the next moment of a read rate: a GCRA with a burst of one.
--
-- KEYS[1]  string, µs: the first moment that is not reserved
-- ARGV     1 interval µs  2 most µs to wait
-- returns  {"grant", now, start} or {"full", now, the start it would have been}: then nothing is reserved
-- Nobody reserves more than ARGV[2] <= 2 minutes ahead, so a moment beyond is left from before the clock
-- was set back, and forgotten.

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local step = tonumber(ARGV[1])
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > now + 120000000 + step then free = now end
local at = math.max(now, free)
if at - now > tonumber(ARGV[2]) then
  return {'full', str(now), str(at)}
end
redis.call('SET', KEYS[1], str(at + step), 'PX', str(math.ceil((at + step - now) / 1000) + 60000))
return {'grant', str(now), str(at)}
