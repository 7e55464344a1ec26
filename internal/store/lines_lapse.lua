-- lines_lapse puts tasks whose permit was not claimed in time back into their lines.
--
-- KEYS[1]  the tasks let go: id -> line and permit   KEYS[2]  their ids by when the permit lapses, in ms
-- KEYS[3]  the lines by when their first task is due, in ms; 1 is now
-- ARGV     1 the key of a line's ready tasks, in the same slot, without the line
-- returns  the line of each task put back, a hundred tasks at most
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
