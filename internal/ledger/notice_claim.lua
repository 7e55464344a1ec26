-- notice_claim: make notices of facts that are not told yet, and put them into the outbox.
-- KEYS[1]  what is told of this group, batch or instance: fact -> notice id
-- ARGV[1]  the prefix of all keys about webhooks (they share one slot)
-- ARGV[2]  the retention in ms: notices live that long, and the claims twice as long
-- ARGV[3…] for each fact: its name, a fresh id, the notice
-- returns  how many are new
local p, keep, new = ARGV[1], tonumber(ARGV[2]), 0
for i = 3, #ARGV, 3 do
  local id = ARGV[i + 1]
  if redis.call("HSETNX", KEYS[1], ARGV[i], id) == 1 then
    new = new + 1
    redis.call("HSET", p .. "ev:" .. id, "e", ARGV[i + 2])
    redis.call("PEXPIRE", p .. "ev:" .. id, keep)
    redis.call("ZADD", p .. "log", 0, id)
    redis.call("ZADD", p .. "out", 0, id)
  end
end
redis.call("PEXPIRE", KEYS[1], 2 * keep)
return new
