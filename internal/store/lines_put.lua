-- lines_put puts tasks into a line, in the order of their ids.
--
-- KEYS[1]  the ready tasks, all with score 0       KEYS[2]  the later tasks by when they are due, in ms
-- KEYS[3]  the tasks let go (lines_take.lua)       KEYS[4]  the lines by when their first task is due, in ms; 1 is now
-- ARGV     1 the line   2… ids of tasks and when they are due, in ms; 0 is now
-- returns  how many were added: neither in the line already nor let go
local n, first = 0, nil
for i = 2, #ARGV, 2 do
  local id, due = ARGV[i], tonumber(ARGV[i + 1])
  if redis.call('HEXISTS', KEYS[3], id) == 0 then
    local added, at = 0, 1
    if redis.call('ZSCORE', KEYS[1], id) then
      -- it stays in the line; the line's entry in KEYS[4] may have been lost
    elseif due > 0 then
      added, at = redis.call('ZADD', KEYS[2], 'NX', ARGV[i + 1], id), due
    else
      at = tonumber(redis.call('ZSCORE', KEYS[2], id) or 1)
      if at == 1 then added = redis.call('ZADD', KEYS[1], 0, id) end
    end
    n, first = n + added, math.min(first or at, at)
  end
end
if first then
  local known = redis.call('ZSCORE', KEYS[4], ARGV[1])
  if not known or tonumber(known) > first then redis.call('ZADD', KEYS[4], string.format('%.0f', first), ARGV[1]) end
end
return n
