-- rate reserves the next moment of a read rate, or gives one back: a GCRA with a burst of one.
--
-- KEYS[1]  string, µs: the first moment that is not reserved
-- ARGV     1 interval µs  2 most µs to wait  3 the start to give back, or 0 to reserve
-- returns  {"grant", now, start}
--          {"full", now, the start it would have been}: nothing is reserved
--          {"given", now}, or {"kept", now}: the start was not the last reservation, and the next start would come too
--          close to a later one
-- No reservation is more than ARGV[2] <= 2 minutes ahead. A later moment dates from before the clock was set back, and
-- is ignored.

local function str(n) return string.format('%.0f', n) end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local step, back = tonumber(ARGV[1]), tonumber(ARGV[3])
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if back > 0 then
  if free ~= back + step then return {'kept', str(now)} end
  redis.call('SET', KEYS[1], str(back), 'KEEPTTL')
  return {'given', str(now)}
end
if free > now + 120000000 + step then free = now end
local at = math.max(now, free)
if at - now > tonumber(ARGV[2]) then
  return {'full', str(now), str(at)}
end
redis.call('SET', KEYS[1], str(at + step), 'PX', str(math.ceil((at + step - now) / 1000) + 60000))
return {'grant', str(now), str(at)}
