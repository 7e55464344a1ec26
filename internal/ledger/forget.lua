-- forget: take a group out of the index. At the end of its retention the counts of its batch stay; what
-- is left of a cut acceptance never was one of its groups, and would keep the batch from ending.
-- KEYS[1]  what the index holds of each group
-- ARGV[1]  the index's key prefix      ARGV[2] id, as its sixteen bytes     ARGV[3] its batch's id, or ""
-- ARGV[4]  "cut" for what is left of a cut acceptance, or ""
-- returns  1 forgotten, 0 it was not there
local p, id = ARGV[1], ARGV[2]
local old = redis.call("HGET", KEYS[1], id)
if not old then
  redis.call("ZREM", p .. "fin", id)
  return 0
end
local _, status, place, _, counts, fault = string.match(old, "^(%d+)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|?(.*)$")
local batch = ARGV[3]
redis.call("HDEL", KEYS[1], id)
redis.call("ZREM", p .. "st:" .. status, id)
if status == "queued" then -- a cut acceptance: nobody knows its priority any more
  for _, priority in ipairs({"high", "normal", "low"}) do redis.call("ZREM", p .. "line:" .. place .. ":" .. priority, id) end
else
  redis.call("ZREM", p .. "in:" .. place .. ":" .. status, id)
end
if batch ~= "" then redis.call("ZREM", p .. "ba:" .. batch .. ":" .. status, id) end
if fault ~= "" then
  redis.call("ZREM", p .. "fa:" .. fault, id)
  if redis.call("HINCRBY", p .. "faults", fault, -1) <= 0 then redis.call("HDEL", p .. "faults", fault) end
end
redis.call("ZREM", p .. "fin", id)
redis.call("ZREM", p .. "watch", id)
local counters = {p .. "n"}
if ARGV[4] == "cut" and redis.call("EXISTS", p .. "b:" .. batch) == 1 then
  counters[2] = p .. "b:" .. batch
  redis.call("HINCRBY", counters[2], "total", -1)
end
for _, key in ipairs(counters) do
  redis.call("HINCRBY", key, "g:" .. status, -1)
  local i = 0
  for n in string.gmatch(counts, "%d+") do
    if tonumber(n) > 0 then redis.call("HINCRBY", key, "m" .. i, -tonumber(n)) end
    i = i + 1
  end
end
return 1
