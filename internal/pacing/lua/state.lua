-- state.lua is put in front of take, renew, used and giveback: how the pace of one kind on one
-- instance is kept. Its twin in Go is gcra.go.
--
-- KEYS[1]  hash, all times in µs of this server's clock:
--   ref     the last call surely had reached the provider by then; 0 = never
--   u       the jitter in [0, 1) drawn for the interval after it
--   day     number of the UTC day that count belongs to
--   count   calls of that day, without the open slot
--   fence   of the newest slot
--   open    1 while a slot is open; then owner, start, lease (its end), term (its length), nu (its jitter)
--   begun   1 once the open slot's call may leave (begin.lua)
--   last    owner of the slot that was used last
--   every, jitter, cap   the pace asked with last, for those who only look
--
-- Numbers are doubles and tostring keeps 14 digits of them: µs since 1970 have 16, hence str.

local DAY = 86400000000
local FIELDS = {'ref', 'day', 'count', 'fence', 'open', 'start', 'lease', 'term', 'every', 'cap', 'begun',
  'u', 'nu', 'jitter', 'owner', 'last'}
local NUMBERS = 11 -- the first of FIELDS; the rest are kept as the strings they came as
-- EARLIEST is before any call, in 1998: an earlier ref or day has lost digits.
local EARLIEST = 900000000000000

local function str(n)
  return string.format('%.0f', n)
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
  if s.ref ~= 0 and s.ref < EARLIEST or s.day ~= 0 and s.day < math.floor(EARLIEST / DAY) then s.damaged = true end
  if s.damaged then
    s.ref = clock()
    s.day = math.floor(s.ref / DAY)
    s.count = math.max(s.count, s.cap)
    s.open, s.begun, s.owner = 0, 0, ''
  end
  return s
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

-- commit closes the open slot as a call that had arrived by at. It counts on the day it was granted
-- for; a call that slipped over midnight counts on both.
local function commit(s, at)
  if at > s.ref then s.ref = at end
  local granted = math.floor(s.start / DAY)
  if granted ~= s.day then s.day = granted; s.count = 0 end
  s.count = s.count + 1
  local arrived = math.floor(at / DAY)
  if arrived > s.day then s.day = arrived; s.count = 1 end
  s.u = s.nu
  s.open = 0
  s.owner = ''
end
