-- audit_add: write down what somebody did.
-- KEYS[1]  the log            KEYS[2] the mark that this was written already
-- ARGV[1]  the entry          ARGV[2] how many entries the log keeps, about
-- ARGV[3]  for how many ms the same is not written again, or 0: always written
-- returns  the entry's id, or "" when it stands there already
-- A mark without an end was not written here.
if ARGV[3] ~= "0" and redis.call("PTTL", KEYS[2]) ~= -1 and not redis.call("SET", KEYS[2], "1", "NX", "PX", ARGV[3]) then return "" end
if ARGV[3] ~= "0" then redis.call("SET", KEYS[2], "1", "PX", ARGV[3]) end
return redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], "*", "e", ARGV[1])
