-- attend: compare what a worker remembers of the installation with what Redis holds, and write the
-- verdict. After a loss only lostID changes, until a person decides.
-- KEYS[1]  the installation
-- ARGV[1]  the id that the worker remembers, or ""      ARGV[2] "1": it also remembers ARGV[3] to ARGV[5]
-- ARGV[3]  its epoch    ARGV[4] the number of its last intent; a lower one in Redis is a jump back
-- ARGV[5]  the time of its last beat, in ms; an earlier one in Redis is a jump back
-- ARGV[6]  an id for a new installation                 ARGV[7] "1": no other worker can vouch: decide now
-- ARGV[8]  how long workers make no calls after a jump back, in ms
-- ARGV[9]  for how long a look in the provider's lists precedes each create, in ms
-- ARGV[10] how long to wait for a worker that can vouch for this server process, in ms, counted from the
--          first worker that could not: a worker may be replaced before the time is up
-- returns  {verdict, "1" if it is news, field, value, …}
local k = KEYS[1]
local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- run identifies the server process: "" where INFO is not permitted, "none" where the server has no run_id.
local run, started = "", now
local info = redis.pcall("INFO", "server")
if type(info) == "string" then
  run = string.match(info, "run_id:(%w+)") or "none"
  started = now - 1000 * (tonumber(string.match(info, "uptime_in_seconds:(%d+)") or "0"))
elseif string.find(info.err or "", "not supported", 1, true) then
  run = "none"
end

local h = {}
local flat = redis.call("HGETALL", k)
for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
local function num(field) return tonumber(h[field] or "0") or 0 end
local function put(field, value)
  if type(value) == "number" then value = string.format("%.0f", value) end
  h[field] = value
  redis.call("HSET", k, field, value)
end

-- doubt notes a period in which workers may have made calls that this Redis does not know of.
local severity = {restarted = 1, crashed = 2, restored = 3, startedOver = 4}
local function doubt(kind, from, to, hold)
  if num("doubtUntil") > now then
    from = math.min(from, num("doubtFrom"))
    to = math.max(to, num("doubtTo"))
    hold = math.max(hold, num("doubtHold"))
    if severity[h.doubt] and severity[h.doubt] > severity[kind] then kind = h.doubt end
  end
  put("doubt", kind)
  put("doubtFrom", from)
  put("doubtTo", to)
  put("doubtHold", hold)
  put("doubtUntil", now + ARGV[9])
end
local function lost(why)
  put("lost", why)
  put("lostAt", now)
  put("lostID", ARGV[1])
end

local verdict, news = "sound", "0"
local mine, remembers = ARGV[1], ARGV[2] == "1"
if h.lost then
  verdict = "lost"
  if h.lostID and mine ~= "" and mine ~= h.id and not string.find(h.lostID, mine, 1, true) then put("lostID", h.lostID .. "," .. mine) end
elseif not h.id and mine ~= "" then
  verdict, news = "lost", "1"
  lost("emptied")
elseif not h.id then
  verdict, news = "new", "1"
  put("id", ARGV[6])
  put("born", now)
  put("epoch", 1)
elseif mine ~= "" and mine ~= h.id and not string.find(h.was or "", mine, 1, true) then
  verdict, news = "lost", "1"
  lost("foreign")
elseif mine ~= "" and mine ~= h.id then
  verdict = "renewed"
elseif remembers and (num("epoch") < tonumber(ARGV[3]) or num("seq") < tonumber(ARGV[4]) or num("at") < tonumber(ARGV[5])) then
  verdict, news = "restored", "1"
  doubt("restored", num("at"), now, now + ARGV[8])
  put("epoch", math.max(num("epoch"), tonumber(ARGV[3])) + 1)
  put("seq", math.max(num("seq"), tonumber(ARGV[4])))
elseif not remembers and h.run and (run == "" or run ~= h.run) then
  local of, since = string.match(h.asked or "", "^(%w*)|(%d+)$")
  if of ~= run then
    since = now
    put("asked", run .. "|" .. string.format("%.0f", now))
  end
  if ARGV[7] ~= "1" and now - since < tonumber(ARGV[10]) then
    verdict = "undecided"
  else
    verdict, news = "unvouched", "1"
    local to = started + 1000
    if to < num("at") or to > now then to = now end
    if h.left then
      doubt("restarted", num("at"), to, num("doubtHold"))
    else
      doubt("crashed", num("at"), to, to + ARGV[8])
    end
    put("epoch", num("epoch") + 1)
  end
end
if verdict ~= "lost" and verdict ~= "undecided" then
  put("run", run)
  put("at", now)
  if h.asked then
    redis.call("HDEL", k, "asked")
    h.asked = nil
  end
  if h.left then
    redis.call("HDEL", k, "left")
    h.left = nil
  end
end
local answer = {verdict, news, "now", string.format("%.0f", now)}
for field, value in pairs(h) do
  answer[#answer + 1] = field
  answer[#answer + 1] = value
end
return answer
