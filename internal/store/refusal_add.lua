-- refusal_add: count refusals of a minute.
-- KEYS[1]  the refusals, in the order of time   KEYS[2] how many each stands for
-- ARGV[1]  how many are kept; the oldest go     ARGV[2…] refusal and count, in pairs
for i = 2, #ARGV, 2 do
  redis.call("ZADD", KEYS[1], 0, ARGV[i])
  redis.call("HINCRBY", KEYS[2], ARGV[i], ARGV[i + 1])
end
local over = redis.call("ZCARD", KEYS[1]) - tonumber(ARGV[1])
if over > 0 then
  for _, old in ipairs(redis.call("ZRANGE", KEYS[1], 0, over - 1)) do
    redis.call("ZREM", KEYS[1], old)
    redis.call("HDEL", KEYS[2], old)
  end
end
return 0
