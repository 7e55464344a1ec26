-- load: a record and the clock by which all workers judge it, in one step.
-- KEYS[1]  the record
-- returns  {now in microseconds, the record or false}
local t = redis.call("TIME")
return {t[1] * 1000000 + t[2], redis.call("GET", KEYS[1])}
