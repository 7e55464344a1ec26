-- begin asks, directly before a call, whether it may leave. A pause that was written before is obeyed by
-- every holder; a pause that is written after it finds the call under way.
--
-- KEYS[1]  the pace (state.lua)  KEYS[2]  the pause, same hash tag
-- ARGV     1 owner
-- returns  {"begun"|"paused"|"lost", now}
-- Repeated, it answers the same: a call that has begun is not called back.

local now = clock()
local s = read()
if s.open == 0 or s.owner ~= ARGV[1] then
  return {'lost', str(now)}
end
if s.begun == 0 and redis.call('EXISTS', KEYS[2]) == 1 then
  return {'paused', str(now)}
end
s.begun = 1
write(s)
return {'begun', str(now)}
