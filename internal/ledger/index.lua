-- index: take the states of groups into the index, each if it is newer than the one held.
-- All keys share the slot of {ix}; those of a status, place or batch are built from ARGV[1].
-- Ids of groups are their sixteen bytes (ids.go): every list below holds them.
-- KEYS[1]  what the index holds of each group: id -> "rev|status|place|batch|n0,n1,…|fault", without the last bar where there is none
-- ARGV[1]  the index's key prefix     ARGV[2] how many events the stream keeps
-- ARGV[3…] twelve for each group, of which there may be hundreds, each once:
--   id, revision, status, place (instance, or pool:<pool>), batch id or "",
--   members by status, "n0,n1,…" in MemberStatuses' order, without the zeros at the end,
--   finished at, in ms, or 0, when its people are read next, in ms, or 0, priority: it never changes,
--   the batch as its sixteen bytes, or "", the batch as held has it,
--   the fault it failed with or is reviewed for, or ""
-- returns  how many were taken; of the others it holds this revision or a newer one
local p, keep = ARGV[1], ARGV[2]
local ended = {done = true, failed = true, cancelled = true}

local ids = {}
for i = 3, #ARGV, 12 do ids[#ids + 1] = ARGV[i] end
local olds = redis.call("HMGET", KEYS[1], unpack(ids))

local hour = p .. "hour:" .. math.floor(redis.call("TIME")[1] / 3600)

-- What is written is gathered first: many groups share their counters and lists.
local held, sums, adds, rems, events, over = {}, {}, {}, {}, {}, {}

-- Of the queued groups of a place the lines are the list.
local function list(place, status, priority)
  if status == "queued" then return p .. "line:" .. place .. ":" .. priority end
  return p .. "in:" .. place .. ":" .. status
end
local function sum(key, field, n)
  local t = sums[key]
  if not t then t = {}; sums[key] = t end
  t[field] = (t[field] or 0) + n
end
local function add(key, score, id)
  local t = adds[key]
  if not t then t = {}; adds[key] = t end
  t[#t + 1] = score
  t[#t + 1] = id
end
local function rem(key, id)
  local t = rems[key]
  if not t then t = {}; rems[key] = t end
  t[#t + 1] = id
end
local function count(counters, batch, field, n)
  sum(counters, field, n)
  if batch ~= "" then sum(p .. "b:" .. batch, field, n) end
end
local function people(counters, batch, counts, sign)
  local i = 0
  for n in string.gmatch(counts, "%d+") do
    if n ~= "0" then count(counters, batch, "m" .. i, sign * n) end
    i = i + 1
  end
end

local taken = 0
for g = 1, #ids do
  local at = 3 + (g - 1) * 12
  local id, rev, status, place, batch = ids[g], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local counts, finished, watch, priority = ARGV[at + 5], ARGV[at + 6], ARGV[at + 7], ARGV[at + 8]
  local old = olds[g]
  local fault, wasFault = ARGV[at + 11], ""
  local was, wasPlace, wasCounts, r
  if old then r, was, wasPlace, wasCounts, wasFault = string.match(old, "^(%d+)|([^|]*)|([^|]*)|[^|]*|([^|]*)|?(.*)$") end
  if not old or tonumber(r) < tonumber(rev) then
    taken = taken + 1
    held[#held + 1] = id
    held[#held + 1] = table.concat({rev, status, place, ARGV[at + 10], counts}, "|") .. (fault ~= "" and "|" .. fault or "")
    local moved = was ~= status or wasPlace ~= place
    if old then
      if moved then
        rem(p .. "st:" .. was, id)
        rem(list(wasPlace, was, priority), id)
        if batch ~= "" then rem(p .. "ba:" .. batch .. ":" .. was, id) end
      end
      count(p .. "n", batch, "g:" .. was, -1)
      people(p .. "n", batch, wasCounts, -1)
    elseif batch ~= "" then
      sum(p .. "b:" .. batch, "total", 1)
    end
    count(p .. "n", batch, "g:" .. status, 1)
    people(p .. "n", batch, counts, 1)
    if moved then
      add(p .. "st:" .. status, 0, id)
      add(list(place, status, priority), 0, id)
      if batch ~= "" then add(p .. "ba:" .. batch .. ":" .. status, 0, id) end
    end
    if fault ~= wasFault then -- equal faults together, and how many of each
      if wasFault ~= "" then
        rem(p .. "fa:" .. wasFault, id)
        sum(p .. "faults", wasFault, -1)
      end
      if fault ~= "" then
        add(p .. "fa:" .. fault, 0, id)
        sum(p .. "faults", fault, 1)
      end
    end
    if was ~= status and (status == "inviting" or status == "failed" or status == "review") then -- the last day, by instance
      sum(hour, (status == "inviting" and "c:" or "f:") .. place, 1)
    end
    if ended[status] then
      add(p .. "fin", finished, id)
      if batch ~= "" then over[batch] = true end
    elseif was and ended[was] then
      rem(p .. "fin", id)
    end
    if watch ~= "0" then
      add(p .. "watch", watch, id)
    elseif old then
      rem(p .. "watch", id)
    end
    -- The first event comes when the record is there (Record): whoever hears of a group can read it.
    if old or tonumber(rev) > 1 then events[#events + 1] = {id, status, ARGV[at + 9]} end
  end
end
if taken == 0 then return 0 end

redis.call("HSET", KEYS[1], unpack(held))
for key, members in pairs(rems) do redis.call("ZREM", key, unpack(members)) end
for key, members in pairs(adds) do redis.call("ZADD", key, unpack(members)) end
for key, fields in pairs(sums) do
  for field, n in pairs(fields) do
    if n ~= 0 and redis.call("HINCRBY", key, field, n) <= 0 and key == p .. "faults" then redis.call("HDEL", key, field) end
  end
end
if sums[hour] then redis.call("EXPIRE", hour, 90000) end
for _, e in ipairs(events) do
  redis.call("XADD", p .. "events", "MAXLEN", "~", keep, "*", "type", "group", "id", e[1], "status", e[2], "batch", e[3])
end
for batch in pairs(over) do
  local b = p .. "b:" .. batch
  local f = redis.call("HMGET", b, "total", "g:done", "g:failed", "g:cancelled", "finishedAt")
  local t = redis.call("TIME")
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  if not f[5] and (tonumber(f[2]) or 0) + (tonumber(f[3]) or 0) + (tonumber(f[4]) or 0) == tonumber(f[1])
     and redis.call("ZCOUNT", p .. "adding:" .. batch, now, "+inf") == 0 then
    redis.call("HSET", b, "finishedAt", string.format("%.0f", now))
    redis.call("ZREM", p .. "running", batch)
    redis.call("XADD", p .. "events", "MAXLEN", "~", keep, "*", "type", "batch", "id", batch, "status", "done", "batch", batch)
  end
end
return taken
