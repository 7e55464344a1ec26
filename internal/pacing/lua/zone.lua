-- zone.lua is put in front of take, begin and used: what the clock on the wall of a zone shows. The last
-- ARGV tell it: an offset in µs, then moment and offset of each change, as clockOf in days.go lists them.

local DAY = 86400000000

-- stretches are the times between changes of the clock, each with when it begins.
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

-- dayEnd is the first moment from which on the clock only shows dates after that of t. Its twin is in days.go.
local function dayEnd(zone, t)
  local midnight = (math.floor((t + zone[stretchOf(zone, t)].offset) / DAY) + 1) * DAY
  local to = math.huge
  for i = #zone, 1, -1 do
    local turns = midnight - zone[i].offset
    if turns > zone[i].from then return math.min(turns, to) end
    to = zone[i].from
  end
end

-- freeFrom is the first moment from t on outside the quiet hours from..to, as the clock shows them. Its twin
-- is Quiet.end.
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
