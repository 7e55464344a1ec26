-- swap: change a key if it holds what the caller expects.
-- KEYS[1]  the key
-- ARGV[1]  "whole": it holds ARGV[2]; "head": it begins with ARGV[2]
-- ARGV[3]  what to do: "set", "delete" or "persist"
-- ARGV[4]  to set: the new value     ARGV[5] its lifetime in ms, 0 to keep the old one
-- returns  1 done, or the key holds the new value already (a client that lost the answer sends again)
--          0 it holds something else, or nothing
local held = redis.call("GET", KEYS[1])
if not held then return 0 end
if ARGV[3] == "set" and held == ARGV[4] then return 1 end
if ARGV[1] == "head" then held = string.sub(held, 1, #ARGV[2]) end
if held ~= ARGV[2] then return 0 end
if ARGV[3] == "delete" then
  redis.call("DEL", KEYS[1])
elseif ARGV[3] == "persist" then
  redis.call("PERSIST", KEYS[1])
elseif ARGV[5] == "0" then
  redis.call("SET", KEYS[1], ARGV[4], "KEEPTTL")
else
  redis.call("SET", KEYS[1], ARGV[4], "PX", ARGV[5])
end
return 1
