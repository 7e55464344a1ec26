-- count.lua precedes take and used, after state.lua and zone.lua. It counts calls. Its twin is in gcra.go.

-- arrive moves the last call to its arrival. A call that arrives after the end of its day counts on both days.
local function arrive(s, zone, at)
  if at > s.ref then s.ref = at end
  if at >= s.ends then s.count = 1 end
  s.ends = math.max(s.ends, dayEnd(zone, at))
end

-- commit closes the open slot as a call that had arrived by at. The call counts on the day of its slot's start.
local function commit(s, zone, at)
  if s.start >= s.ends then s.count = 0 end
  s.count = s.count + 1
  s.ends = math.max(s.ends, dayEnd(zone, s.start))
  arrive(s, zone, at)
  s.u = s.nu
  s.open = 0
  s.owner = ''
end
