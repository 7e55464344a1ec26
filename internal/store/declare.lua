-- declare: write down what a person decided about the installation.
-- KEYS[1]  the installation
-- ARGV[1]  current, restored or startOver    ARGV[2] how long nothing is called, in ms
-- ARGV[3]  for how long creates are preceded by looks, in ms
-- ARGV[4]  an id for a new installation      ARGV[5] since when groups may have been made, in ms
-- returns  done; sound: there is nothing to decide; lost: only starting over is possible
local k, what = KEYS[1], ARGV[1]
local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function text(n) return string.format("%.0f", n) end
local f = redis.call("HMGET", k, "id", "lost", "lostID", "lostAt", "epoch", "at", "doubtUntil", "doubtFrom")
local id, lost = f[1], f[2]
local epoch = (tonumber(f[5] or "0") or 0) + 1
if what == "startOver" then
  if not lost then return "sound" end
  local was = f[3] or ""
  if id then was = was == "" and id or was .. "," .. id end
  redis.call("DEL", k)
  redis.call("HSET", k, "id", ARGV[4], "was", was, "born", text(now), "epoch", epoch, "doubt", "startedOver",
    "doubtFrom", ARGV[5], "doubtTo", f[4] or text(now), "doubtHold", "0", "doubtUntil", text(now + ARGV[3]))
  return "done"
end
if lost then return "lost" end
if not id then return "sound" end
local doubted = (tonumber(f[7] or "0") or 0) > now
if what == "current" then
  if not doubted then return "sound" end
  redis.call("HDEL", k, "doubt", "doubtFrom", "doubtTo", "doubtHold", "doubtUntil")
  return "done"
end
local from = tonumber(f[6] or "0") or now
if doubted then from = math.min(from, tonumber(f[8])) end
redis.call("HSET", k, "epoch", epoch, "doubt", "restored", "doubtFrom", text(from), "doubtTo", text(now),
  "doubtHold", text(now + ARGV[2]), "doubtUntil", text(now + ARGV[3]))
return "done"
