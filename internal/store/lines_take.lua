-- lines_take lets one task go: the first task of the first line that has a due one.
--
-- KEYS[1]  the tasks let go: id -> line and permit   KEYS[2]  the same by when the permit lapses, in ms
-- KEYS[3]  the lines by when their first task is due, in ms; 1 is now. Lines that are not due are not read
-- KEYS[4…] the ready tasks and the later tasks, of each line
-- ARGV     1 for how long the permit holds, in ms   2 the permit   3… the lines
-- returns  {id of the task, or "", and of each line that was looked at: ms until its first task is due, -1 for none}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function text(n) return string.format('%.0f', n) end
local answer = {''}
local known = redis.call('ZMSCORE', KEYS[3], unpack(ARGV, 3))
for i = 3, #ARGV do
  local line, ready, later, id = ARGV[i], KEYS[2 * i - 2], KEYS[2 * i - 1], nil
  local was = known[i - 2] and tonumber(known[i - 2])
  local due = was
  if was and was <= now then
    for _, one in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', text(now), 'LIMIT', 0, 100)) do
      redis.call('ZREM', later, one)
      redis.call('ZADD', ready, 0, one)
    end
    local first = redis.call('ZRANGE', ready, 0, 1)
    id = first[1]
    if id then
      redis.call('ZREM', ready, id)
      redis.call('HSET', KEYS[1], id, line .. '\n' .. ARGV[2])
      redis.call('ZADD', KEYS[2], text(now + ARGV[1]), id)
    end
    due = first[2] and 1 or tonumber(redis.call('ZRANGE', later, 0, 0, 'WITHSCORES')[2])
    if not due then
      redis.call('ZREM', KEYS[3], line)
    elseif due ~= was then
      redis.call('ZADD', KEYS[3], text(due), line)
    end
  end
  answer[#answer + 1] = due and text(math.max(due - now, 0)) or '-1'
  if id then
    answer[1] = id
    break
  end
end
return answer
