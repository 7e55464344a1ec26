-- hold extends the lease of an open slot and sets its owner, as when a worker claims a grant. With a lease of 0 it
-- gives the slot back: its call was not made, and floor, count and jitter are as before its take.
--
-- KEYS[1]  the pace (state.lua)
-- ARGV     1 owner  2 lease µs, or 0  3 owner from now on
-- returns  {"held", now, start, fence}, {"given", now}, or {"lost", now}: the slot is another owner's, or a grant that
--          has expired, even if no take has ended it yet
-- Repeated with the same owners, it answers "held" again.

local now = clock()
local s = read()
local lease = tonumber(ARGV[2])
if s.open == 0 or s.owner ~= ARGV[1] and (lease == 0 or s.owner ~= ARGV[3]) then
  return {'lost', str(now)}
end
if lease > 0 and granted(s.owner) and s.lease <= now then
  return {'lost', str(now)}
end
if lease == 0 then
  s.open = 0
  s.owner = ''
  write(s)
  return {'given', str(now)}
end
s.owner = ARGV[3]
s.term = lease
s.lease = now + lease
write(s)
return {'held', str(now), str(s.start), str(s.fence)}
