-- zone.lua precedes take, begin and used. It computes local times in a zone. The last ARGV describe the zone: an
-- offset in µs, then the time and the offset of each change, as clockOf in days.go returns them.

local DAY = 86400000000

-- stretches returns the spans between changes of the clock, each with its beginning.
local function stretches(first)
  local zone = {{from = -math.huge, offset = tonumber(ARGV[first])}}
  for i = first + 1, #ARGV, 2 do
    zone[#zone + 1] = {from = tonumber(ARGV[i]), offset = tonumber(ARGV[i + 1])}
  end
  return zone
end

local function stretchOf(zone, t)
  local i = #zone
  while zone[i].from > t do i = i - 1 end
  return i
end

-- dayEnd returns the first moment after which the clock shows only dates after that of t. Its twin is in days.go.
local function dayEnd(zone, t)
  local midnight = (math.floor((t + zone[stretchOf(zone, t)].offset) / DAY) + 1) * DAY
  local to = math.huge
  for i = #zone, 1, -1 do
    local turns = midnight - zone[i].offset
    if turns > zone[i].from then return math.min(turns, to) end
    to = zone[i].from
  end
end

-- freeFrom returns the first moment, not before t, outside the quiet hours from..to in local time. Its twin is
-- Quiet.end.
local function freeFrom(zone, t, from, to)
  while true do
    local i = stretchOf(zone, t)
    local shows = (t + zone[i].offset) % DAY
    local quiet = from <= shows and shows < to
    if from > to then quiet = shows >= from or shows < to end
    if not quiet then return t end
    local free = t + (to - shows) % DAY
    if zone[i + 1] and zone[i + 1].from < free then free = zone[i + 1].from end
    t = free
  end
end
