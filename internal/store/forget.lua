-- forget: take a group out of the index. At the end of its retention its batch still counts it. The trace
-- of an interrupted acceptance, or a record that a person has removed, is taken out of the batch's counts
-- too, because it would keep the batch from ending.
-- KEYS[1]  what the index holds of each group
-- ARGV[1]  the index's key prefix      ARGV[2] id, as its sixteen bytes     ARGV[3] its batch's id, or ""
-- ARGV[4]  "out": take it out of its batch's counts, too; or ""
-- ARGV[5]  how many events the stream keeps
-- returns  1 forgotten, 0 it was not there; then what was broken, as index.lua returns it
local id, batch = ARGV[2], ARGV[3]
local old = redis.call("HGET", KEYS[1], id)
local rev, status, place, counts, fault, pool
if old then rev, status, place, counts, fault, pool = parse(old) end
if not rev then
  if old then strange(KEYS[1], id) end
  status, fault = listed(id)
  counts = ""
end
pool = pool or ""
redis.call("HDEL", KEYS[1], id)
try("ZREM", p .. "fin", id)
try("ZREM", p .. "watch", id)
if status then
  try("ZREM", p .. "st:" .. status, id)
  if batch ~= "" then try("ZREM", p .. "ba:" .. batch .. ":" .. status, id) end
  if place and status == "queued" then -- its priority is not known
    for _, priority in ipairs({"high", "normal", "low"}) do try("ZREM", p .. "line:" .. place .. ":" .. priority, id) end
  elseif place then
    try("ZREM", p .. "in:" .. place .. ":" .. status, id)
  end
  if pool ~= "" then try("ZREM", ofPool(pool, status), id) end
end
if fault and fault ~= "" then
  try("ZREM", p .. "fa:" .. fault, id)
  sum(p .. "faults", fault, -1)
  if pool ~= "" then sum(p .. "faults:" .. pool, fault, -1) end
end
if place then wait(place, pool, status, fault, counts, -1) end
local out = old and ARGV[4] == "out" and redis.call("TYPE", p .. "b:" .. batch).ok == "hash"
if old then
  local of = out and batch or ""
  if out then sum(p .. "b:" .. batch, "total", -1) end
  if out and pool ~= "" then sum(p .. "b:" .. batch, pool .. "/total", -1) end
  if status then count(of, pool, "g:" .. status, -1) end
  people(of, pool, counts, -1)
end
writeSums()
if not old then return {0, unpack(broken)} end
local now = clock()
if out and try("HGET", p .. "b:" .. batch, "createdAt") and over(batch, now) then finish(batch, now, ARGV[5]) end
return {1, unpack(broken)}
