-- notice_claim: make a notice of each fact that has none yet, and put it into the outbox.
-- KEYS[1]  the facts of this group, batch or instance that have a notice: fact -> notice id
-- ARGV[1]  the prefix of all keys about webhooks (they share one slot)
-- ARGV[2]  for how many ms the notices live
-- ARGV[3]  for how many ms KEYS[1] lives, 0: it does not expire
-- ARGV[4…] for each fact: its name, a fresh id, the notice
-- returns  how many are new, then what was broken: key and field, …
local p, new, broken = ARGV[1], 0, {}
-- A list that holds another type has lost its entries. Delete it, or the new notices would be lost too.
for _, list in ipairs({p .. "log", p .. "out"}) do
  local is = redis.call("TYPE", list).ok
  if is ~= "zset" and is ~= "none" then
    redis.call("DEL", list)
    broken[#broken + 1] = list
    broken[#broken + 1] = ""
  end
end
for i = 4, #ARGV, 3 do
  local id = ARGV[i + 1]
  if redis.call("HSETNX", KEYS[1], ARGV[i], id) == 1 then
    new = new + 1
    redis.call("HSET", p .. "ev:" .. id, "e", ARGV[i + 2])
    redis.call("PEXPIRE", p .. "ev:" .. id, ARGV[2])
    redis.call("ZADD", p .. "log", 0, id)
    redis.call("ZADD", p .. "out", 0, id)
  end
end
if ARGV[3] ~= "0" then redis.call("PEXPIRE", KEYS[1], ARGV[3]) end
return {new, unpack(broken)}
