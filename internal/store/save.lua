-- save: write a record if nobody wrote it since it was loaded.
-- A record is "<revision>.<token of the write>|<content>". The revision alone would not do: a failover
-- may lose a write, and another one of the same revision take its place.
-- KEYS[1]  the record
-- ARGV[1]  the "<revision>.<token>" that was loaded
-- ARGV[2]  the new record; its revision is one more
-- returns  1 written, now or already by this very write (a client that lost the reply sends again)
--          0 somebody else was quicker, or the record is gone
local old = redis.call("GET", KEYS[1])
if not old then return 0 end
local head = string.match(old, "^[^|]+")
if head == ARGV[1] then
  redis.call("SET", KEYS[1], ARGV[2])
  return 1
end
if head == string.match(ARGV[2], "^[^|]+") then return 1 end
return 0
