-- batch_join: add rows to the running batch of a name, or begin a new one, which names the one before.
-- KEYS[1]  the names: name -> id of its latest batch
-- ARGV[1]  the index's key prefix   ARGV[2] name   ARGV[3] id for a new batch
-- ARGV[4]  who adds (a token)       ARGV[5] for how many ms the adder is believed to live
-- returns  the batch's id
local p, name, id = ARGV[1], ARGV[2], ARGV[3]
local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local latest = redis.call("HGET", KEYS[1], name)
if latest and redis.call("HEXISTS", p .. "b:" .. latest, "createdAt") == 1
   and redis.call("HEXISTS", p .. "b:" .. latest, "finishedAt") == 0 then
  id = latest
else
  redis.call("HSET", p .. "b:" .. id, "name", name, "createdAt", string.format("%.0f", now))
  if latest then redis.call("HSET", p .. "b:" .. id, "before", latest) end
  redis.call("HSET", KEYS[1], name, id)
  redis.call("ZADD", p .. "batches", 0, id)
  redis.call("ZADD", p .. "running", 0, id)
end
redis.call("ZADD", p .. "adding:" .. id, now + ARGV[5], ARGV[4])
redis.call("PEXPIRE", p .. "adding:" .. id, ARGV[5] * 2)
return id
