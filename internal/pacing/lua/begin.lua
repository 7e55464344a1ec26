-- begin decides, right before a call, whether it may be sent. A pause that was written before it stops the call; a
-- pause that is written after it finds the call under way. Quiet hours that have begun since the slot was taken stop
-- the call too, and so does a rest: a call of the other kind may have met the limit of the number meanwhile.
--
-- KEYS[1]  the pace (state.lua)  KEYS[2]  the pause  KEYS[3]  the rest (rest.lua); same hash tag
-- ARGV     1 owner  2 kind  3, 4 quiet hours (take.lua)  5… the zone's clock (zone.lua)
-- returns  {"begun"|"paused"|"rest"|"quiet"|"lost", now}
-- Repeated, it answers the same: a call that has begun is not stopped.

local now = clock()
local s = read()
if s.open == 0 or s.owner ~= ARGV[1] then
  return {'lost', str(now)}
end
if s.begun == 0 and pausedUntil(KEYS[2]) > now then
  return {'paused', str(now)}
end
if s.begun == 0 and restUntil(KEYS[3], ARGV[2], now) > now then
  return {'rest', str(now)}
end
if s.begun == 0 and freeFrom(stretches(5), now, tonumber(ARGV[3]), tonumber(ARGV[4])) > now then
  return {'quiet', str(now)}
end
s.begun = 1
write(s)
return {'begun', str(now)}
