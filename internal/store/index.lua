-- index: take groups into the index, each if its record is newer than what is held.
-- All keys share the slot of {ix}; those of a status, place or batch are built from ARGV[1].
-- Ids of groups are their sixteen bytes (ids.go): every list below holds them.
-- KEYS[1]  what the index holds of each group: id -> "rev|status|place|batch|n0,n1,…|fault", without the last bar where there is none;
--   the place of a group that an instance has taken from a pool is "instance,pool"
-- ARGV[1]  the index's key prefix     ARGV[2] how many events the stream keeps
-- ARGV[3]  "again": write the lists again of a group whose revision is the one held
-- ARGV[4…] thirteen for each group, of which there may be a hundred, each once:
--   id, revision, status, place (instance, or pool:<pool>), batch id or "",
--   members by status, "n0,n1,…" in MemberStatuses' order, without the zeros at the end,
--   finished at, in ms, or 0, when its people are read next, in ms, or 0, priority (it never changes),
--   the batch as its sixteen bytes, or "", the batch as KEYS[1] has it,
--   the fault it failed with or is reviewed for, or "", the pool it was asked of, or ""
-- returns  how many were taken, then what was broken: key and field, …; for each group not taken, the index
--   already holds this revision or a newer one
local keep, again = ARGV[2], ARGV[3] == "again"
local ended = {done = true, failed = true, cancelled = true}

local ids = {}
for i = 4, #ARGV, 13 do ids[#ids + 1] = ARGV[i] end
local olds = {}
for i, old in ipairs(redis.call("HMGET", KEYS[1], unpack(ids))) do olds[ids[i]] = old end

local seconds = tonumber(redis.call("TIME")[1])
local hour = p .. "hour:" .. math.floor(seconds / 3600)
lives[hour] = 90000

-- dayOf is the key of the current day at a place, by the clock of its pacing.zone, which workers announce
-- (history.go). A place without a clock, such as a pool, has the clock of all.
local days = {}
local function dayOf(place)
  if not days[place] then
    local clocks = try("HMGET", p .. "clock", place, "*") or {}
    local offset, change, after = string.match(clocks[1] or clocks[2] or "", "^(-?%d+),?(%d*),?(-?%d*)$")
    if change and change ~= "" and seconds >= tonumber(change) then offset = after end
    days[place] = p .. "day:" .. math.floor((seconds + (tonumber(offset) or 0)) / 86400)
    lives[days[place]] = 8640000 -- a hundred days: see history.go
  end
  return days[place]
end

-- Changes to lists are gathered first, like those to counters, because many groups change the same lists.
local held, lists, events, ending = {}, {}, {}, {}

-- The queued groups of a place stand in its lines, one for each priority.
local function list(place, status, priority)
  if status == "queued" then return p .. "line:" .. place .. ":" .. priority end
  return p .. "in:" .. place .. ":" .. status
end
local function put(key, id, score) -- score false takes it out
  local t = lists[key]
  if not t then t = {}; lists[key] = t end
  t[id] = score
end
-- A group that an instance has taken from a pool stands in the pool's lists, too.
local function putPool(place, pool, status, id, score)
  if pool ~= "" and place ~= "pool:" .. pool then put(ofPool(pool, status), id, score) end
end

-- history adds to the day's counts of the place, of its pool and of all.
local function history(place, pool, kind, n)
  if n <= 0 then return end
  sum(dayOf(place), kind .. ":" .. place, n)
  sum(dayOf(place), kind .. ":*", n)
  if pool ~= "" and place ~= "pool:" .. pool then sum(dayOf(place), kind .. ":pool:" .. pool, n) end
end
-- peopleBy counts a group's people by status, as its index in MemberStatuses.
local function peopleBy(counts)
  local n = {[0] = 0, 0, 0, 0, 0}
  local i = 0
  for one in string.gmatch(counts, "%d+") do
    n[i] = tonumber(one)
    i = i + 1
  end
  return n
end
local exists = {inviting = true, done = true}

local taken = 0
for g = 1, #ids do
  local at = 4 + (g - 1) * 13
  local id, rev, status, place, batch = ids[g], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local counts, finished, watch, priority = ARGV[at + 5], ARGV[at + 6], ARGV[at + 7], ARGV[at + 8]
  local old = olds[id]
  local fault, wasFault = ARGV[at + 11], ""
  local pool = ARGV[at + 12]
  local was, wasPlace, wasCounts, wasPool, r
  if old then
    r, was, wasPlace, wasCounts, wasFault, wasPool = parse(old)
    if not r then -- its former counts are unknown: take them as unchanged
      strange(KEYS[1], id)
      r, wasPlace, wasCounts, wasPool = -1, place, counts, pool
      was, wasFault = listed(id)
    end
  end
  local same = again and r == tonumber(rev)
  if not old or r < tonumber(rev) or same then
    taken = taken + 1
    local places = (pool ~= "" and place ~= "pool:" .. pool) and place .. "," .. pool or place
    olds[id] = table.concat({rev, status, places, ARGV[at + 10], counts}, "|") .. (fault ~= "" and "|" .. fault or "")
    held[id] = true
    local moved = was ~= status or wasPlace ~= place or wasPool ~= pool or same
    if old and was then
      if moved then
        put(p .. "st:" .. was, id, false)
        put(list(wasPlace, was, priority), id, false)
        putPool(wasPlace, wasPool, was, id, false)
        if batch ~= "" then put(p .. "ba:" .. batch .. ":" .. was, id, false) end
      end
      count(batch, wasPool, "g:" .. was, -1)
      if wasCounts ~= counts or wasPool ~= pool then people(batch, wasPool, wasCounts, -1) end
      wait(wasPlace, wasPool, was, wasFault, wasCounts, -1)
    elseif not old and batch ~= "" then
      sum(p .. "b:" .. batch, "total", 1)
    end
    if batch ~= "" and pool ~= "" and (not old or wasPool ~= pool) then
      sum(p .. "b:" .. batch, pool .. "/total", 1)
      put(p .. "pb:" .. pool, batch, 0)
    end
    if batch ~= "" and old and wasPool ~= "" and wasPool ~= pool then sum(p .. "b:" .. batch, wasPool .. "/total", -1) end
    count(batch, pool, "g:" .. status, 1)
    if not old or was then
      if wasCounts ~= counts or wasPool ~= pool then people(batch, pool, counts, 1) end
      wait(place, pool, status, fault, counts, 1)
    end
    if moved then
      put(p .. "st:" .. status, id, 0)
      put(list(place, status, priority), id, 0)
      putPool(place, pool, status, id, 0)
      if batch ~= "" then put(p .. "ba:" .. batch .. ":" .. status, id, 0) end
    end
    if fault ~= wasFault or wasPool ~= pool or same then -- the list and the counter of each fault
      if wasFault ~= "" then
        put(p .. "fa:" .. wasFault, id, false)
        sum(p .. "faults", wasFault, -1)
        if wasPool ~= "" then sum(p .. "faults:" .. wasPool, wasFault, -1) end
      end
      if fault ~= "" then
        put(p .. "fa:" .. fault, id, 0)
        sum(p .. "faults", fault, 1)
        if pool ~= "" then sum(p .. "faults:" .. pool, fault, 1) end
      end
    end
    if was ~= status and (status == "inviting" or status == "failed" or status == "review") then -- counts of the last day, by place
      sum(hour, (status == "inviting" and "c:" or "f:") .. place, 1)
    end
    -- An entry that was lost is written again without counting: its record was counted before.
    if was or not old and rev == "1" then
      if exists[status] and not exists[was] and string.sub(wasFault, 1, 9) ~= "duplicate" then history(place, pool, "c", 1) end
      if status == "failed" and was ~= status then history(place, pool, "f", 1) end
    end
    if was then -- "i" counts those who joined too: they were invited before
      local now, before = peopleBy(counts), peopleBy(wasCounts)
      history(place, pool, "a", now[1] - before[1])
      history(place, pool, "i", now[3] + now[4] - before[3] - before[4])
      history(place, pool, "j", now[4] - before[4])
    end
    if was ~= status and status == "failed" then sum(p .. "n", "ever:failed", 1) end -- never decreases
    if ended[status] then
      put(p .. "fin", id, finished)
      if batch ~= "" then ending[batch] = true end
    elseif was and ended[was] then
      put(p .. "fin", id, false)
    end
    if watch ~= "0" then
      put(p .. "watch", id, watch)
    elseif old then
      put(p .. "watch", id, false)
    end
    -- Record writes a group's first event, after the record: a reader of the event can read the group.
    if not same and (old or tonumber(rev) > 1) then events[#events + 1] = {id, status, ARGV[at + 9]} end
  end
end
if taken == 0 then return {0, unpack(broken)} end

local fields = {}
for id in pairs(held) do
  fields[#fields + 1] = id
  fields[#fields + 1] = olds[id]
end
redis.call("HSET", KEYS[1], unpack(fields))
for key, members in pairs(lists) do
  local adds, rems = {}, {}
  for id, score in pairs(members) do
    if score then
      adds[#adds + 1] = score
      adds[#adds + 1] = id
    else
      rems[#rems + 1] = id
    end
  end
  if #rems > 0 then try("ZREM", key, unpack(rems)) end
  if #adds > 0 then try("ZADD", key, unpack(adds)) end
end
writeSums()
for _, e in ipairs(events) do
  try("XADD", p .. "events", "MAXLEN", "~", keep, "*", "type", "group", "id", e[1], "status", e[2], "batch", e[3])
end
local now = clock()
for batch in pairs(ending) do
  if over(batch, now) then finish(batch, now, keep) end
end
return {taken, unpack(broken)}
