-- lines_claim takes the permit of a task that has been let go, which so serves once.
--
-- KEYS[1]  who has been let go (lines_take.lua)   KEYS[2]  the same by when the permit lapses
-- ARGV     1 id of the task
-- returns  line and permit; nothing where there is none
local permit = redis.call('HGET', KEYS[1], ARGV[1])
if permit then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return permit
