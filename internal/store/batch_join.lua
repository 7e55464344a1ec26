-- batch_join: join the running batch of a name, or begin a new one, which names the one before.
-- KEYS[1]  the names: name -> id of its latest batch
-- ARGV[1]  the index's key prefix   ARGV[2] name   ARGV[3] id for a new batch
-- ARGV[4]  the adder's token        ARGV[5] after how many ms without a call the adder counts as gone
-- returns  the batch's id; then what was broken, as index.lua returns it
local name, id = ARGV[2], ARGV[3]
local now = clock()
local latest = try("HGET", KEYS[1], name)
if latest and try("HEXISTS", p .. "b:" .. latest, "createdAt") == 1
   and try("HEXISTS", p .. "b:" .. latest, "finishedAt") == 0 then
  id = latest
else
  redis.call("HSET", p .. "b:" .. id, "name", name, "createdAt", string.format("%.0f", now))
  if latest then redis.call("HSET", p .. "b:" .. id, "before", latest) end
  try("HSET", KEYS[1], name, id)
  try("ZADD", p .. "batches", 0, id)
  try("ZADD", p .. "running", 0, id)
end
try("ZADD", p .. "adding:" .. id, now + ARGV[5], ARGV[4])
redis.call("PEXPIRE", p .. "adding:" .. id, ARGV[5] * 2)
return {id, unpack(broken)}
