-- rate reserves the next start at a rate of requests, or gives one back: a GCRA with a burst of one.
--
-- KEYS[1]  string, µs: the first moment that is not reserved
-- ARGV     1 interval µs  2 maximum wait µs  3 the start to give back, or 0 to reserve
-- returns  {"grant", now, start}
--          {"full", now, start}: start exceeds the maximum wait, nothing is reserved
--          {"given", now}
--          {"kept", now}: a later start is reserved already, and a new one at this moment would come too close to it
-- No reservation is more than 2 minutes ahead, the largest ARGV[2]. A value beyond that was written before the clock was
-- set back, and is ignored.

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
