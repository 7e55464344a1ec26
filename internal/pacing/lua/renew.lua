-- renew keeps an open slot for another lease.
--
-- KEYS[1]  the pace (state.lua)
-- ARGV     1 owner  2 lease µs
-- returns  {"held"|"lost", now}

local now = clock()
local s = read()
if s.open == 0 or s.owner ~= ARGV[1] then
  return {'lost', str(now)}
end
s.term = tonumber(ARGV[2])
s.lease = now + s.term
write(s)
return {'held', str(now)}
