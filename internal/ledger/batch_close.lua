-- batch_close: an adder has no more rows (or, without one, see whether the batch is over).
-- A batch is over once: when nobody adds to it and all its groups have ended.
-- KEYS[1]  the batch
-- ARGV[1]  the index's key prefix   ARGV[2] batch id   ARGV[3] who added, or ""
-- ARGV[4]  rows of this run that were invalid, or ""   ARGV[5] how many events the stream keeps
-- returns  1 over now, 0 not, or before
local p, id = ARGV[1], ARGV[2]
if redis.call("EXISTS", KEYS[1]) == 0 then
  redis.call("ZREM", p .. "running", id)
  return 0
end
if ARGV[3] ~= "" then redis.call("ZREM", p .. "adding:" .. id, ARGV[3]) end
if ARGV[4] ~= "" then redis.call("HSET", KEYS[1], "invalid", ARGV[4]) end
local f = redis.call("HMGET", KEYS[1], "total", "g:done", "g:failed", "g:cancelled", "finishedAt")
local over = (tonumber(f[2]) or 0) + (tonumber(f[3]) or 0) + (tonumber(f[4]) or 0)
local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if f[5] or over ~= (tonumber(f[1]) or 0) or redis.call("ZCOUNT", p .. "adding:" .. id, now, "+inf") > 0 then return 0 end
redis.call("HSET", KEYS[1], "finishedAt", string.format("%.0f", now))
redis.call("ZREM", p .. "running", id)
redis.call("XADD", p .. "events", "MAXLEN", "~", ARGV[5], "*", "type", "batch", "id", id, "status", "done", "batch", id)
return 1
