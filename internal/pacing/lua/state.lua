-- state.lua precedes take, begin, hold and used. It stores the pace of one kind on one instance. Its twin in Go is
-- gcra.go.
--
-- KEYS[1]  hash, all times in µs of this server's clock:
--   ref     the time by which the last call had certainly reached the provider; 0 = never
--   u       the jitter in [0, 1) drawn for the interval after it
--   ends    end of the day of count, in the zones of all takes since its last call
--   count   calls of that day, without the open slot
--   fence   of the newest slot
--   open    1 while a slot is open; then owner, start, lease (its end), term (its length), nu (its jitter)
--   begun   1 once the open slot's call may be sent (begin.lua)
--   last    owner of the slot that was used last
--   every, jitter, cap, zone   the pace of the latest take, for Look
--
-- Numbers are doubles, and tostring keeps only 14 of the 16 digits of µs since 1970. Hence str.

local FIELDS = {'ref', 'ends', 'count', 'fence', 'open', 'start', 'lease', 'term', 'every', 'cap', 'begun',
  'u', 'nu', 'jitter', 'owner', 'last', 'zone'}
local NUMBERS = 11 -- the first of FIELDS; the rest are stored as strings, unchanged
-- EARLIEST, in 1998, is before any call: an earlier ref or end has lost digits.
local EARLIEST = 900000000000000

local function str(n)
  return string.format('%.0f', n)
end

-- pausedUntil returns the end of the pause under a key: 0 for no pause, math.huge for one that only a person ends. A
-- value that cannot be read counts as math.huge. Its twin in Go is pauseEnd.
local function pausedUntil(key)
  local value = redis.pcall('GET', key)
  if not value then return 0 end
  local ends = type(value) == 'string' and tonumber(value)
  if ends and ends >= EARLIEST then return ends end
  return math.huge
end

-- restUntil returns the end of the rest under a key, for a kind of call, and the provider's words. The end of a damaged
-- rest is unknown: it counts as an hour from now until a person ends the rest.
local function restUntil(key, kind, now)
  local rest = redis.pcall('HMGET', key, 'until', 'reason', kind, kind .. 'Reason')
  if rest.err then rest = {'damaged'} end
  local function ending(value) return tonumber(value or '0') or now + 3600000000 end
  local both, own = ending(rest[1]), ending(rest[3])
  if own > both then return own, rest[4] or '' end
  return both, rest[2] or ''
end

local function clock()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

-- read keeps the stored values in "was", for write. A damaged state counts as a call that has just been made and as a
-- day whose cap is used up, so that damage never makes a pace faster. take stores the result.
local function read()
  local values = redis.pcall('HMGET', KEYS[1], unpack(FIELDS))
  local s, was = {}, {}
  if values.err then
    s.foreign, s.damaged, values = true, true, {}
  end
  for i, field in ipairs(FIELDS) do
    local value = values[i] or nil
    if i <= NUMBERS then
      local n = value and tonumber(value)
      if value and (not n or n ~= n) then s.damaged, n = true, nil end
      value = n
      s[field] = n or 0
    else
      s[field] = value or ''
    end
    was[field] = value
  end
  s.was = was
  if s.ref ~= 0 and s.ref < EARLIEST or s.ends ~= 0 and s.ends < EARLIEST then s.damaged = true end
  if s.damaged then
    s.ref = clock()
    s.ends = s.ref -- take moves it to the end of the day
    s.count = math.max(s.count, s.cap)
    s.open, s.begun, s.owner = 0, 0, ''
  end
  return s
end

-- granted reports whether a slot's owner is the token of a grant, so that no worker has claimed the slot yet.
local function granted(owner)
  return string.sub(owner, 1, 6) == 'grant:'
end

local function interval(every, jitter, u)
  return math.floor(every * (1 + (tonumber(jitter) or 0) * (tonumber(u) or 0)))
end

-- The key lives a year longer than its interval, from its newest slot or pace on, because a person may slow the
-- instance down after its last call. After that an unused instance leaves nothing behind.
local function write(s)
  local pairs, was = {}, s.was
  for i, field in ipairs(FIELDS) do
    local value = s[field]
    if value ~= was[field] then
      pairs[#pairs + 1] = field
      pairs[#pairs + 1] = i <= NUMBERS and str(value) or value
    end
  end
  if s.foreign then redis.call('DEL', KEYS[1]) end -- it is no hash
  if #pairs > 0 then redis.call('HSET', KEYS[1], unpack(pairs)) end
  if s.fence ~= was.fence or s.every ~= was.every or s.jitter ~= was.jitter then
    redis.call('PEXPIRE', KEYS[1], str(math.ceil(interval(s.every, s.jitter, 1) / 1000) + 31622400000))
  end
end
