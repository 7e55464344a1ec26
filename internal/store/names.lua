-- names: put entries into the index by name, or take them out. The entries are in order, in blocks of at most
-- 128, which Redis stores as listpacks.
-- KEYS[1]  the first entries of the blocks; the block before the first of them begins with ""
-- ARGV[1]  the prefix of a block's key; the head of the hash of its first entry follows
-- ARGV[2]  "in" or "out"     ARGV[3…] entries, those of one block next to each other
-- returns  the number of entries, then the keys that hold another type, each with ""
local most, half = 128, 64

local function first(entry)
  return (try("ZRANGE", KEYS[1], "[" .. entry, "-", "BYLEX", "REV", "LIMIT", 0, 1) or {})[1] or ""
end
local function block(begins) return p .. string.sub(redis.sha1hex(begins), 1, 16) end

local function put(key, entries)
  local args = {}
  for _, entry in ipairs(entries) do
    args[#args + 1] = 0
    args[#args + 1] = entry
  end
  try("ZADD", key, unpack(args))
end

-- begin makes a block of some entries, and reports whether it could.
local function begin(entries)
  if not try("ZADD", KEYS[1], 0, entries[1]) then return false end
  redis.call("DEL", block(entries[1]))
  put(block(entries[1]), entries)
  return true
end

-- split moves the upper half of a block into one of its own, and reports whether it could. Of a block that has grown
-- beyond the maximum it moves only half the maximum.
local function split(key, n)
  local upper = redis.call("ZRANGE", key, math.max(math.floor(n / 2), n - half), -1)
  if not begin(upper) then return false end
  redis.call("ZREM", key, unpack(upper))
  return true
end

-- run counts the entries, beginning with number from, that belong to one block; at most half the maximum.
local function run(from, begins)
  local last, step = from, 1
  while step > 0 do
    local at = math.min(last + step, from + half - 1, #ARGV)
    if at > last and first(ARGV[at]) == begins then
      last, step = at, step * 2
    else
      step = math.floor(step / 2)
    end
  end
  return last - from + 1
end

local i = 3
while i <= #ARGV do
  local begins = first(ARGV[i])
  local key, some = block(begins), {unpack(ARGV, i, i + run(i, begins) - 1)}
  local n = try("ZCARD", key)
  if ARGV[2] == "out" then
    try("ZREM", key, unpack(some))
    if begins ~= "" and n and redis.call("ZCARD", key) == 0 then try("ZREM", KEYS[1], begins) end
    i = i + #some
  elseif n and n + #some > most and redis.call("ZLEXCOUNT", key, "[" .. some[1], "+") == 0 and begin(some) then
    i = i + #some
  elseif not (n and n + #some > most and split(key, n)) then -- after a split the loop finds their blocks again
    put(key, some)
    i = i + #some
  end
end
return {#ARGV - 2, unpack(broken)}
