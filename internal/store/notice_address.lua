-- notice_address: note whom a notice goes to. It happens once: receivers that are configured later
-- get what happens later.
-- KEYS[1]  the notice
-- ARGV     pairs of receiver and "<run>|<json>"
-- returns  1 noted, 0 it was before, or the notice has lapsed
if redis.call("HEXISTS", KEYS[1], "e") == 0 or redis.call("HSETNX", KEYS[1], "to", "1") == 0 then return 0 end
for i = 1, #ARGV, 2 do redis.call("HSETNX", KEYS[1], "r:" .. ARGV[i], ARGV[i + 1]) end
return 1
