-- batch_close: end an adder's run, and the batch if it is over. Without an adder it ends only the batch.
-- A batch ends once: when no adder is left and all its groups have ended.
-- KEYS[1]  the batch
-- ARGV[1]  the index's key prefix   ARGV[2] batch id   ARGV[3] the adder's token, or ""
-- ARGV[4]  rows of this run that were invalid, or ""   ARGV[5] how many events the stream keeps
-- ARGV[6]  the age in ms from which a batch without groups and without invalid rows is removed, so that its name leads
--          to the batch before it again. A younger one stays open. "": such a batch ends like any other
-- ARGV[7]  the audience of the run (group.Audience)
-- returns  1 if the batch ended now, 0 if it is open or had ended before; then what was broken, as index.lua returns it
local id = ARGV[2]
if redis.call("EXISTS", KEYS[1]) == 0 then
  try("ZREM", p .. "running", id)
  return {0, unpack(broken)}
end
if ARGV[3] ~= "" then try("ZREM", p .. "adding:" .. id, ARGV[3]) end
if ARGV[4] ~= "" then
  try("HINCRBY", KEYS[1], "invalid", 0)
  try("HSET", KEYS[1], ARGV[7] == "" and "invalid" or "invalid:" .. ARGV[7], ARGV[4])
end
local now = clock()
if not over(id, now) then return {0, unpack(broken)} end
if ARGV[6] ~= "" and redis.call("HEXISTS", KEYS[1], "total") == 0 and redis.call("HEXISTS", KEYS[1], "invalid") == 0
  and redis.call("EXISTS", p .. "bad:" .. id, p .. "badof:" .. id) == 0 then
  local name, before, began = unpack(redis.call("HMGET", KEYS[1], "name", "before", "createdAt"))
  if now < (tonumber(began) or 0) + ARGV[6] then return {0, unpack(broken)} end
  if name and try("HGET", p .. "names", name) == id then
    if before then try("HSET", p .. "names", name, before) else try("HDEL", p .. "names", name) end
  end
  try("ZREM", p .. "batches", id)
  try("ZREM", p .. "running", id)
  redis.call("DEL", KEYS[1], p .. "adding:" .. id)
  return {0, unpack(broken)}
end
finish(id, now, ARGV[5])
return {1, unpack(broken)}
