-- save: write a record if nobody wrote it since it was loaded.
-- A record is "<revision>.<token of the write>|<json>".
-- KEYS[1]  the record
-- ARGV[1]  the revision that was loaded
-- ARGV[2]  the new record; its revision is ARGV[1] + 1
-- returns  1 written, now or already by this very write (a client that lost the reply sends again)
--          0 somebody else was quicker, or the record is gone
local old = redis.call("GET", KEYS[1])
if not old then return 0 end
if string.match(old, "^(%d+)%.") == ARGV[1] then
  redis.call("SET", KEYS[1], ARGV[2])
  return 1
end
if string.match(old, "^[^|]+") == string.match(ARGV[2], "^[^|]+") then return 1 end
return 0
