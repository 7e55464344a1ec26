-- delivery_save: save the state of a notice's delivery to one receiver, unless a person has asked
-- for the notice again since it was read.
-- KEYS[1]  the notice        KEYS[2] the list of failures      KEYS[3] the outbox
-- KEYS[4]  the expected tasks
-- ARGV[1]  the receiver      ARGV[2] the run it was read in, "" for no delivery yet
-- ARGV[3]  "<run>|<json>"    ARGV[4] the notice's id
-- ARGV[5]  "failed": add it to the list of failures; "again": add the notice to the outbox; or ""
-- ARGV[6]  for how many ms at least the notice must live: until after the next try
-- ARGV[7]  when the task of its next try counts as lost, "" if none is due
-- returns  1 written, 0 the delivery is in another run, or the notice has lapsed; then what was broken: key and field, …
if redis.call("HEXISTS", KEYS[1], "e") == 0 then return {0} end
local old = redis.call("HGET", KEYS[1], "r:" .. ARGV[1])
local run = old and string.match(old, "^(%d+)|") or ""
if run ~= ARGV[2] then return {0} end
redis.call("HSET", KEYS[1], "r:" .. ARGV[1], ARGV[3])
if redis.call("PTTL", KEYS[1]) < tonumber(ARGV[6]) then redis.call("PEXPIRE", KEYS[1], ARGV[6]) end
local broken = {}
for _, list in ipairs({KEYS[2], KEYS[3], KEYS[4]}) do -- as in notice_claim
  local is = redis.call("TYPE", list).ok
  if is ~= "zset" and is ~= "none" then
    redis.call("DEL", list)
    broken[#broken + 1] = list
    broken[#broken + 1] = ""
  end
end
local entry = ARGV[4] .. ":" .. ARGV[1]
if ARGV[5] == "failed" then redis.call("ZADD", KEYS[2], 0, entry) else redis.call("ZREM", KEYS[2], entry) end
if ARGV[7] == "" then redis.call("ZREM", KEYS[4], entry) else redis.call("ZADD", KEYS[4], ARGV[7], entry) end
if ARGV[5] == "again" then redis.call("ZADD", KEYS[3], 0, ARGV[4]) end
return {1, unpack(broken)}
