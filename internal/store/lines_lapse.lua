-- lines_lapse puts tasks whose permit was not claimed in time back into their lines.
--
-- KEYS[1]  the tasks let go (lines_take.lua)   KEYS[2]  the same by when the permit lapses, in ms
-- KEYS[3]  the lines by when their first task is due
-- ARGV     1 the prefix of the keys of ready tasks, in the same slot; the line follows
-- returns  the lines of these tasks
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local lines = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)) do
  local permit = redis.call('HGET', KEYS[1], id)
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  if permit then
    local line = string.match(permit, '^[^\n]*')
    redis.pcall('ZADD', ARGV[1] .. line, 0, id) -- the sweeper repairs a key that holds another type
    redis.call('ZADD', KEYS[3], 1, line)
    lines[#lines + 1] = line
  end
end
return lines
