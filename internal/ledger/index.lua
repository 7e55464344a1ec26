-- index: take a group's state into the index, if it is newer than the one held.
-- All keys share the slot of {ix}; those of a status, place or batch are built from ARGV[1].
-- Ids of groups are their sixteen bytes (ids.go): every list below holds them.
-- KEYS[1]  what the index holds of each group: id -> "rev|status|place|batch|n0,n1,…|fault", without the last bar where there is none
-- ARGV[1]  the index's key prefix
-- ARGV[2]  id      ARGV[3] revision   ARGV[4] status   ARGV[5] place (instance, or pool:<pool>)
-- ARGV[6]  batch id, or ""            ARGV[7] members by status, "n0,n1,…" in MemberStatuses' order, without the zeros at the end
-- ARGV[8]  finished at, in ms, or 0   ARGV[9] how many events the stream keeps
-- ARGV[10] when its people are read next, in ms, or 0      ARGV[11] priority: it never changes
-- ARGV[12] the batch as its sixteen bytes, or ""           ARGV[13] the batch as held has it
-- ARGV[14] the fault it failed with or is reviewed for, or ""
-- returns  1 taken, 0 it holds this revision or a newer one
local p, id, rev, status, place, batch = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
local ended = {done = true, failed = true, cancelled = true}

local function each(counts, sign, deltas)
  local i = 0
  for n in string.gmatch(counts, "%d+") do
    n = tonumber(n)
    if n > 0 then deltas["m" .. i] = (deltas["m" .. i] or 0) + sign * n end
    i = i + 1
  end
end

local deltas = {}
local old = redis.call("HGET", KEYS[1], id)
local was, wasPlace
local fault, wasFault = ARGV[14], ""
if old then
  local r, s, pl, _, c, f = string.match(old, "^(%d+)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|?(.*)$")
  if tonumber(r) >= rev then return 0 end
  was, wasPlace, wasFault = s, pl, f
  if was ~= status or wasPlace ~= place then
    redis.call("ZREM", p .. "st:" .. was, id)
    if was == "queued" then -- the lines are the list of those
      redis.call("ZREM", p .. "line:" .. wasPlace .. ":" .. ARGV[11], id)
    else
      redis.call("ZREM", p .. "in:" .. wasPlace .. ":" .. was, id)
    end
    if batch ~= "" then redis.call("ZREM", p .. "ba:" .. batch .. ":" .. was, id) end
  end
  deltas["g:" .. was] = -1
  each(c, -1, deltas)
end
deltas["g:" .. status] = (deltas["g:" .. status] or 0) + 1
each(ARGV[7], 1, deltas)

redis.call("HSET", KEYS[1], id, table.concat({ARGV[3], status, place, ARGV[13], ARGV[7]}, "|") .. (fault ~= "" and "|" .. fault or ""))
if was ~= status or wasPlace ~= place then
  redis.call("ZADD", p .. "st:" .. status, 0, id)
  if status == "queued" then
    redis.call("ZADD", p .. "line:" .. place .. ":" .. ARGV[11], 0, id)
  else
    redis.call("ZADD", p .. "in:" .. place .. ":" .. status, 0, id)
  end
  if batch ~= "" then redis.call("ZADD", p .. "ba:" .. batch .. ":" .. status, 0, id) end
end
if fault ~= wasFault then -- equal faults together, and how many of each
  if wasFault ~= "" then
    redis.call("ZREM", p .. "fa:" .. wasFault, id)
    if redis.call("HINCRBY", p .. "faults", wasFault, -1) <= 0 then redis.call("HDEL", p .. "faults", wasFault) end
  end
  if fault ~= "" then
    redis.call("ZADD", p .. "fa:" .. fault, 0, id)
    redis.call("HINCRBY", p .. "faults", fault, 1)
  end
end
if was ~= status and (status == "inviting" or status == "failed" or status == "review") then -- the last day, by instance
  local hour = p .. "hour:" .. math.floor(redis.call("TIME")[1] / 3600)
  redis.call("HINCRBY", hour, (status == "inviting" and "c:" or "f:") .. place, 1)
  redis.call("EXPIRE", hour, 90000)
end
if ended[status] then
  redis.call("ZADD", p .. "fin", ARGV[8], id)
elseif was and ended[was] then
  redis.call("ZREM", p .. "fin", id)
end
if ARGV[10] ~= "0" then
  redis.call("ZADD", p .. "watch", ARGV[10], id)
else
  redis.call("ZREM", p .. "watch", id)
end

local b = p .. "b:" .. batch
if batch ~= "" and not old then redis.call("HINCRBY", b, "total", 1) end
for field, n in pairs(deltas) do
  if n ~= 0 then
    redis.call("HINCRBY", p .. "n", field, n)
    if batch ~= "" then redis.call("HINCRBY", b, field, n) end
  end
end
-- The first event comes when the record is there (Record): whoever hears of a group can read it.
if rev > 1 then redis.call("XADD", p .. "events", "MAXLEN", "~", ARGV[9], "*", "type", "group", "id", id, "status", status, "batch", ARGV[12]) end

if batch ~= "" and ended[status] then
  local f = redis.call("HMGET", b, "total", "g:done", "g:failed", "g:cancelled", "finishedAt")
  local over = (tonumber(f[2]) or 0) + (tonumber(f[3]) or 0) + (tonumber(f[4]) or 0)
  local t = redis.call("TIME")
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  if not f[5] and over == tonumber(f[1]) and redis.call("ZCOUNT", p .. "adding:" .. batch, now, "+inf") == 0 then
    redis.call("HSET", b, "finishedAt", string.format("%.0f", now))
    redis.call("ZREM", p .. "running", batch)
    redis.call("XADD", p .. "events", "MAXLEN", "~", ARGV[9], "*", "type", "batch", "id", batch, "status", "done", "batch", batch)
  end
end
return 1
