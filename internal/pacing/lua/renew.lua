-- renew keeps an open slot for another lease, and hands it over: a grant to the worker that claims it.
--
-- KEYS[1]  the pace (state.lua)
-- ARGV     1 owner  2 lease µs  3 owner from now on
-- returns  {"held", now, start, fence}, or {"lost", now}
-- Repeated, it answers the same.

local now = clock()
local s = read()
if s.open == 0 or s.owner ~= ARGV[1] and s.owner ~= ARGV[3] then
  return {'lost', str(now)}
end
s.owner = ARGV[3]
s.term = tonumber(ARGV[2])
s.lease = now + s.term
write(s)
return {'held', str(now), str(s.start), str(s.fence)}
