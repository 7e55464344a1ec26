-- giveback closes a slot whose call was not made: floor, count and jitter are as before its take.
--
-- KEYS[1]  the pace (state.lua)
-- ARGV     1 owner
-- returns  {"given"|"lost", now}

local now = clock()
local s = read()
if s.open == 0 or s.owner ~= ARGV[1] then
  return {'lost', str(now)}
end
s.open = 0
s.owner = ''
write(s)
return {'given', str(now)}
