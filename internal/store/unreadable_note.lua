-- unreadable_note: note that a stored thing cannot be read, once.
-- KEYS[1]  the list: "<kind> <id>" -> note
-- ARGV[1]  which thing    ARGV[2] the note    ARGV[3] how many notes are kept
-- returns  1 noted, 0 it was noted before, or there are too many
local is = redis.call("TYPE", KEYS[1]).ok
if is ~= "hash" and is ~= "none" then redis.call("DEL", KEYS[1]) end
if redis.call("HLEN", KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
return redis.call("HSETNX", KEYS[1], ARGV[1], ARGV[2])
