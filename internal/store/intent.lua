-- intent: count a call that is about to be made, and return the installation's fields, which the caller
-- compares with what it remembers. Without an installation, or after its loss, it counts nothing.
-- KEYS[1]  the installation
-- returns  {the number of the call, or 0; field, value, …; "now", the time in ms}
local k = KEYS[1]
local n = 0
if redis.call("HEXISTS", k, "id") == 1 and redis.call("HEXISTS", k, "lost") == 0 then n = redis.call("HINCRBY", k, "seq", 1) end
local t = redis.call("TIME")
local answer = redis.call("HGETALL", k)
answer[#answer + 1] = "now"
answer[#answer + 1] = string.format("%.0f", t[1] * 1000 + math.floor(t[2] / 1000))
table.insert(answer, 1, n)
return answer
