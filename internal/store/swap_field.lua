-- swap_field: set a field of a hash if it holds what the caller expects.
-- KEYS[1]  the hash
-- ARGV     1 the field   2 what it holds, "" for nothing   3 the new value
-- returns  1 done, or the field holds the new value already (a client that lost the answer sends again)
--          0 it holds something else
local held = redis.call("HGET", KEYS[1], ARGV[1]) or ""
if held == ARGV[3] then return 1 end
if held ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[3])
return 1
