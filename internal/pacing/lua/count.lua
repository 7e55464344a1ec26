-- count.lua is put in front of take and used, behind state.lua and zone.lua: how calls are counted. Its twin
-- is in gcra.go.

-- arrive moves the last call to its arrival. One that slipped over the end of the day counts on both.
local function arrive(s, zone, at)
  if at > s.ref then s.ref = at end
  if at >= s.ends then s.count = 1 end
  s.ends = math.max(s.ends, dayEnd(zone, at))
end

-- commit closes the open slot as a call that had arrived by at. It counts on the day it was granted for.
local function commit(s, zone, at)
  if s.start >= s.ends then s.count = 0 end
  s.count = s.count + 1
  s.ends = math.max(s.ends, dayEnd(zone, s.start))
  arrive(s, zone, at)
  s.u = s.nu
  s.open = 0
  s.owner = ''
end
