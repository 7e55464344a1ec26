-- state.lua is put in front of take, begin, hold and used: how the pace of one kind on one
-- instance is kept. Its twin in Go is gcra.go.
--
-- KEYS[1]  hash, all times in µs of this server's clock:
--   ref     the last call surely had reached the provider by then; 0 = never
--   u       the jitter in [0, 1) drawn for the interval after it
--   ends    when the day that count belongs to is over, by the clock of every zone that was asked with
--           since its last call
--   count   calls of that day, without the open slot
--   fence   of the newest slot
--   open    1 while a slot is open; then owner, start, lease (its end), term (its length), nu (its jitter)
--   begun   1 once the open slot's call may leave (begin.lua)
--   last    owner of the slot that was used last
--   every, jitter, cap, zone   the pace asked with last, for those who only look
--
-- Numbers are doubles and tostring keeps 14 digits of them: µs since 1970 have 16, hence str.

local FIELDS = {'ref', 'ends', 'count', 'fence', 'open', 'start', 'lease', 'term', 'every', 'cap', 'begun',
  'u', 'nu', 'jitter', 'owner', 'last', 'zone'}
local NUMBERS = 11 -- the first of FIELDS; the rest are kept as the strings they came as
-- EARLIEST is before any call, in 1998: an earlier ref or end has lost digits.
local EARLIEST = 900000000000000

local function str(n)
  return string.format('%.0f', n)
end

-- pausedUntil is when the pause under a key ends: 0 for no pause, math.huge for one that a person ends. What
-- cannot be read is such a pause. Its twin in Go is pauseEnd.
local function pausedUntil(key)
  local value = redis.pcall('GET', key)
  if not value then return 0 end
  local ends = type(value) == 'string' and tonumber(value)
  if ends and ends >= EARLIEST then return ends end
  return math.huge
end

local function clock()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

-- What was read is kept as "was", for write. A damaged state counts as a call that has just been made and
-- as a day whose cap is used up, so that damage never makes a pace quicker; take writes that down.
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
    s.ends = s.ref -- take puts it off to the end of the day
    s.count = math.max(s.count, s.cap)
    s.open, s.begun, s.owner = 0, 0, ''
  end
  return s
end

-- granted says that the owner of a slot is the token of a grant: no worker has claimed it yet.
local function granted(owner)
  return string.sub(owner, 1, 6) == 'grant:'
end

local function interval(every, jitter, u)
  return math.floor(every * (1 + (tonumber(jitter) or 0) * (tonumber(u) or 0)))
end

-- The key outlives its interval by a year, because a person may slow the instance down after its last
-- call. Then an instance that is used no longer leaves nothing behind.
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
  redis.call('PEXPIRE', KEYS[1], str(math.ceil(interval(s.every, s.jitter, 1) / 1000) + 31622400000))
end
