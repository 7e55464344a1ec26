-- lines_lapse lets tasks whose permit was not claimed in time stand in their lines again.
--
-- KEYS[1]  who has been let go (lines_take.lua)   KEYS[2]  the same by when the permit lapses, in ms
-- KEYS[3]  the lines by when the first of them is due
-- ARGV     1 what the keys of those who are ready begin with, in the same slot; the line follows
-- returns  the lines
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local lines = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)) do
  local permit = redis.call('HGET', KEYS[1], id)
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  if permit then
    local line = string.match(permit, '^[^\n]*')
    redis.pcall('ZADD', ARGV[1] .. line, 0, id) -- what holds another type the sweeper mends
    redis.call('ZADD', KEYS[3], 1, line)
    lines[#lines + 1] = line
  end
end
return lines
