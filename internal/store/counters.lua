-- counters comes before index, names, forget, batch_join and batch_close: functions that read and count in the
-- index even where single keys or values are damaged.
-- ARGV[1] is the index's key prefix; in names.lua, that of a block.
local p = ARGV[1]
local statuses = {"queued", "creating", "verifying", "inviting", "review", "done", "failed", "cancelled"}

-- broken lists the keys and fields that could not be read, for the caller to report: key, field or "", …
local broken = {}
local function strange(key, field)
  broken[#broken + 1] = key
  broken[#broken + 1] = field or ""
end

-- try runs a command on one key. It returns nil where the key holds another type; any other error ends
-- the script as it would without try.
local function try(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) ~= "table" or not answer.err then return answer end
  if not string.find(answer.err, "WRONGTYPE", 1, true) then return redis.call(command, key, ...) end
  strange(key)
  return nil
end

-- parse reads what the index holds of a group: revision, status, place, counts, fault and pool; nil where it
-- cannot be read.
local function parse(entry)
  local rev, status, places, counts, fault = string.match(entry, "^(%d+)|(%l+)|([^|]*)|[^|]*|([%d,]+)|?(.*)$")
  for _, known in ipairs(statuses) do
    if status == known then
      local place, pool = string.match(places, "^([^,]*),?(.*)$")
      if pool == "" then pool = string.match(place, "^pool:(.*)$") or "" end
      return tonumber(rev), status, place, counts, fault, pool
    end
  end
  return nil
end

-- ofPool is the list of a pool's groups in a status, whether an instance has taken them or not.
local function ofPool(pool, status) return p .. "in:pool:" .. pool .. ":" .. status end

-- sparse reports whether a hash of counters leaves out those that are 0.
local function sparse(key)
  return string.sub(key, 1, #p + 6) == p .. "faults" or string.sub(key, 1, #p + 7) == p .. "waiting"
end

-- waiters calls fn(key, field, number) for each counter to which a waiting group and its people add (waiting.go).
local function waiters(place, pool, status, fault, counts, fn)
  if status == "done" or status == "cancelled" then return end
  local n, i = 0, 0
  for one in string.gmatch(counts, "%d+") do
    if status == "failed" or i == 0 or i == 2 then n = n + one end -- pending and inviteQueued
    i = i + 1
  end
  local moves = status ~= "failed" and status ~= "review"
  for _, key in ipairs(pool ~= "" and {p .. "waiting", p .. "waiting:" .. pool} or {p .. "waiting"}) do
    if moves then fn(key, "gr:" .. place, 1) end
    if n > 0 then
      fn(key, "st:" .. status, n)
      if moves then fn(key, "at:" .. place, n) end
      if fault ~= "" then fn(key, "fa:" .. fault, n) end
    end
  end
end

-- listed finds a group's status and fault by searching the lists for it. It is used when the group's entry cannot be read.
local function listed(id)
  local status, fault = nil, ""
  for _, one in ipairs(statuses) do
    if try("ZSCORE", p .. "st:" .. one, id) then status = one end
  end
  for _, one in ipairs(try("HKEYS", p .. "faults") or {}) do
    if try("ZSCORE", p .. "fa:" .. one, id) then fault = one end
  end
  return status, fault
end

-- recount computes from the lists what a counter should be. It returns nil for a counter that the lists do not show,
-- such as a pool's: the sweeper recounts that one from what the index holds.
local function recount(key, field)
  if string.sub(key, 1, #p + 3) == p .. "pn:" then return nil end
  local head, batch = p .. "st:", nil
  if string.sub(key, 1, #p + 2) == p .. "b:" then
    batch = string.sub(key, #p + 3)
    head = p .. "ba:" .. batch .. ":"
  end
  local status = string.match(field, "^g:(%l+)$")
  if status then return try("ZCARD", head .. status) end
  if key == p .. "faults" then return try("ZCARD", p .. "fa:" .. field) end
  if batch and field == "total" then
    local n = 0
    for _, one in ipairs(statuses) do n = n + (try("ZCARD", head .. one) or 0) end
    return n
  end
  return nil
end

-- Changes to counters are summed first, because many groups change the same counters.
local sums = {}
-- lives has the lifetime of some keys, in seconds. Each new counter in a key restarts its lifetime.
local lives = {}
local function sum(key, field, n)
  local t = sums[key]
  if not t then t = {}; sums[key] = t end
  t[field] = (t[field] or 0) + n
end

-- count adds to a counter of the installation, the pool, the batch, and the pool within the batch.
local function count(batch, pool, field, n)
  sum(p .. "n", field, n)
  if pool ~= "" then sum(p .. "pn:" .. pool, field, n) end
  if batch ~= "" then sum(p .. "b:" .. batch, field, n) end
  if batch ~= "" and pool ~= "" then sum(p .. "b:" .. batch, pool .. "/" .. field, n) end
end
local function people(batch, pool, counts, sign)
  local i = 0
  for n in string.gmatch(counts, "%d+") do
    if n ~= "0" then count(batch, pool, "m" .. i, sign * n) end
    i = i + 1
  end
end
local function wait(place, pool, status, fault, counts, sign)
  waiters(place, pool, status, fault, counts, function(key, field, n) sum(key, field, sign * n) end)
end

-- writeSums writes the counters, one read and one write of each hash. Call it after the lists are written: from them it
-- recounts each counter that is not a number.
local function writeSums()
  for key, by in pairs(sums) do
    local fields = {}
    for field, n in pairs(by) do
      if n ~= 0 then fields[#fields + 1] = field end
    end
    local held = #fields > 0 and try("HMGET", key, unpack(fields))
    if held then
      local sets, zeros, begun = {}, {}, false
      for i, field in ipairs(fields) do
        begun = begun or not held[i]
        local now = (tonumber(held[i] or "0") or 0) + by[field]
        if held[i] and (#held[i] > 15 or not string.match(held[i], "^-?%d+$")) then
          strange(key, field)
          now = recount(key, field) or math.max(0, by[field])
        end
        if now <= 0 and sparse(key) then
          zeros[#zeros + 1] = field
        else
          sets[#sets + 1] = field
          sets[#sets + 1] = now
        end
        local pool = now <= 0 and string.match(field, "^(.*)/total$")
        if pool then try("ZREM", p .. "pb:" .. pool, string.sub(key, #p + 3)) end
      end
      if #sets > 0 then redis.call("HSET", key, unpack(sets)) end
      if begun and lives[key] then redis.call("EXPIRE", key, lives[key]) end
      if #zeros > 0 then redis.call("HDEL", key, unpack(zeros)) end
    end
  end
end

-- over reports whether all groups of a batch have ended, no adder is left, and finish has not run yet.
local function over(batch, now)
  local key = p .. "b:" .. batch
  local fields = {"total", "g:done", "g:failed", "g:cancelled", "finishedAt"}
  local f = try("HMGET", key, unpack(fields))
  if not f then return false end
  for i = 1, 4 do
    if f[i] and not tonumber(f[i]) then
      strange(key, fields[i])
      f[i] = recount(key, fields[i]) or 0
      redis.call("HSET", key, fields[i], f[i])
    end
    f[i] = tonumber(f[i] or 0)
  end
  if f[5] and not tonumber(f[5]) then
    strange(key, fields[5])
    f[5] = nil
  end
  return not f[5] and f[2] + f[3] + f[4] == f[1] and (try("ZCOUNT", p .. "adding:" .. batch, now, "+inf") or 0) == 0
end

-- finish marks a batch as over and writes its event.
local function finish(batch, now, keep)
  redis.call("HSET", p .. "b:" .. batch, "finishedAt", string.format("%.0f", now))
  try("ZREM", p .. "running", batch)
  try("XADD", p .. "events", "MAXLEN", "~", keep, "*", "type", "batch", "id", batch, "status", "done", "batch", batch)
end

local function clock()
  local t = redis.call("TIME")
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
