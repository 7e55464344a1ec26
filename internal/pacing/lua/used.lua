-- used closes a slot whose call was made.
--
-- KEYS[1]  the pace (state.lua)
-- ARGV     1 owner  2 µs by which the request had arrived; clamped to [start, now]  3… the zone's clock (zone.lua)
-- returns  {"used"|"lost", now}
-- Repeated, it does nothing more. A lost slot was already committed by a take; if its holder sent later than that
-- assumed, the floor still moves to the real time.

local now = clock()
local s = read()
local at = math.min(tonumber(ARGV[2]), now)
local zone = stretches(3)
if s.open == 1 and s.owner == ARGV[1] then
  commit(s, zone, math.min(math.max(at, s.start), now))
  s.last = ARGV[1]
  write(s)
  return {'used', str(now)}
end
if s.last == ARGV[1] then
  return {'used', str(now)}
end
if at > s.ref then
  arrive(s, zone, at)
  write(s)
end
return {'lost', str(now)}
