-- take asks for the one slot of a kind on an instance. Its twin in Go is decide in gcra.go.
--
-- KEYS[1]  the pace (state.lua)  KEYS[2]  the rest (rest.lua)  KEYS[3]  the pause (pausedUntil); same hash tag
-- ARGV     1 every µs  2 jitter  3 most a day, 0 = no cap  4 lead µs  5 lease µs
--          6 owner, unique to this take  7 the jitter for the interval after this call
--          8 kind: create or invite  9 name of the zone  10, 11 the quiet hours, µs since midnight, equal for none  12… its clock (zone.lua)
-- returns  {"grant", now, start, fence, ""}
--          {"pace"|"dayCap"|"rest"|"quiet"|"busy"|"paused", now, when a call may start, µs to wait before asking again, text}
--          and then "damaged", once, if the stored state could not be read and was repaired
-- Repeated with the same owner (by a client that lost the answer), it grants the same slot.

local now = clock()
local s = read()
local rests, restReason = restUntil(KEYS[2], ARGV[8], now)
local every, perDay = tonumber(ARGV[1]), tonumber(ARGV[3])
local lead, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
local from, to, zone = tonumber(ARGV[10]), tonumber(ARGV[11]), stretches(12)

local changed = s.every ~= every or s.jitter ~= ARGV[2] or s.cap ~= perDay or s.zone ~= ARGV[9]
s.every, s.jitter, s.cap, s.zone = every, ARGV[2], perDay, ARGV[9]
if s.damaged then
  s.count = math.max(s.count, perDay)
  changed = true
end
local damaged = s.damaged and 'damaged' or nil

-- If the clock was set back, times lie in the future: they may cost an interval, not the hours of the step.
if s.ref > now then
  s.ref = now
  changed = true
end
if s.open == 1 and s.lease > now + s.term then
  s.lease = now + s.term
  changed = true
end
-- The holder has not renewed for a whole lease, and may have sent at its last moment. With an unclaimed grant,
-- nothing was sent.
if s.open == 1 and s.lease <= now then
  if granted(s.owner) then
    s.open, s.owner = 0, ''
  else
    commit(s, zone, s.lease)
  end
  changed = true
end
-- The day also lasts until it ends in this zone. A clock that was set back costs a day at most.
local ends = math.min(s.ends, now + 93600000000)
if s.ref > 0 then ends = math.max(ends, dayEnd(zone, s.ref)) end
if s.ends ~= ends then
  s.ends = ends
  changed = true
end

local function deny(reason, at, wait, text)
  if changed then write(s) end
  return {reason, str(now), str(at), str(wait), text, damaged}
end

if s.open == 1 and s.owner == ARGV[6] then
  if changed then write(s) end
  return {'grant', str(now), str(s.start), str(s.fence), '', damaged}
end

local paused = pausedUntil(KEYS[3])
if paused == math.huge then
  return deny('paused', now, 1000000, '')
end
if paused > now + lead then
  return deny('paused', paused, paused - lead - now, '')
end

if s.open == 1 then
  if rests > now + lead then
    return deny('rest', rests, rests - lead - now, restReason)
  end
  local step = interval(every, s.jitter, s.nu)
  local at = math.max(now, s.start + step)
  local poll = math.min(math.max(math.floor(step / 50), 5000), 250000)
  return deny('busy', at, math.max(poll, math.min(at - lead - now, 1000000)), '')
end

local at, reason, text = math.max(now, paused), '', ''
if s.ref > 0 then
  local floor = s.ref + interval(every, s.jitter, s.u)
  if floor > at then at, reason = floor, 'pace' end
end
if rests > at then
  at, reason, text = rests, 'rest', restReason
end
if perDay > 0 and s.count >= perDay and at < s.ends then
  at, reason, text = s.ends, 'dayCap', ''
end
local free = freeFrom(zone, at, from, to)
if free > at then
  at, reason, text = free, 'quiet', ''
end
if at > now + lead then
  return deny(reason, at, at - lead - now, text)
end

-- Fences follow the clock, so they grow even if this key is lost.
s.fence = math.max(s.fence + 1, now)
s.open, s.begun, s.owner, s.start = 1, 0, ARGV[6], at
s.lease, s.term, s.nu = now + lease, lease, ARGV[7]
write(s)
return {'grant', str(now), str(at), str(s.fence), '', damaged}
