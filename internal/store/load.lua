-- load: read a record and Redis' clock, by which all workers judge it, in one step.
-- KEYS[1]  the record
-- returns  {now in microseconds, the record or false}, and a third value where the key holds another type
local t = redis.call("TIME")
local now, value = t[1] * 1000000 + t[2], redis.pcall("GET", KEYS[1])
if type(value) ~= "table" then return {now, value} end
if string.find(value.err, "WRONGTYPE", 1, true) then return {now, false, "WRONGTYPE"} end
return value
