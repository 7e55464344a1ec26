package lane

import (
	"strings"

	"github.com/redis/go-redis/v9"
)

// op is what a script of asynq is for.
type op int

const (
	opOther   op = iota
	opDequeue    // internal/rdb/rdb.go:227 dequeueCmd
	opRetry      // internal/rdb/rdb.go:772 retryCmd
	opForward    // internal/rdb/rdb.go:960 forwardCmd
	opRecover    // internal/rdb/rdb.go:1316 listLeaseExpiredCmd
	opState      // internal/rdb/rdb.go:1379, :1418 writeServerStateCmd, and clearServerStateCmd, which has no arguments
	opTidy       // internal/rdb/rdb.go:1241, :1270 reclaimStateAggregationSetsCmd, deleteExpiredCompletedTasksCmd
)

// recognise tells by its keys what a script of asynq v0.26 does, and to which queue. What it does
// not know goes through untouched.
func recognise(keys []string) (op, string) {
	switch len(keys) {
	case 1:
		switch {
		case strings.HasSuffix(keys[0], "}:lease"):
			return opRecover, queueOf(keys[0])
		case strings.HasSuffix(keys[0], "}:completed"), strings.HasSuffix(keys[0], "}:aggregation_sets"):
			return opTidy, queueOf(keys[0])
		}
	case 2:
		if strings.HasPrefix(keys[0], "asynq:servers:{") {
			return opState, ""
		}
		if strings.HasSuffix(keys[1], "}:pending") &&
			(strings.HasSuffix(keys[0], "}:scheduled") || strings.HasSuffix(keys[0], "}:retry")) {
			return opForward, queueOf(keys[1])
		}
	case 4:
		if strings.HasSuffix(keys[0], "}:pending") && strings.HasSuffix(keys[1], "}:paused") {
			return opDequeue, queueOf(keys[0])
		}
	case 8:
		if strings.HasSuffix(keys[1], "}:active") && strings.HasSuffix(keys[3], "}:retry") {
			return opRetry, queueOf(keys[1])
		}
	}
	return opOther, ""
}

// queueOf takes the name out of "asynq:{name}:pending".
func queueOf(key string) string {
	_, rest, _ := strings.Cut(key, "{")
	name, _, _ := strings.Cut(rest, "}")
	return name
}

// key is a key of a queue in asynq's layout (asynq internal/base/base.go:105-232).
func key(queue, name string) string { return "asynq:{" + queue + "}:" + name }

// The scripts below write asynq's layout themselves, because asynq has nothing that does it. They
// take their time from Redis. A hash without a message is a ghost (evicted, or asynq #1167): given
// back, it would be fetched, be nobody's, and block its id for ever; so it is dropped.

// giveBack moves a task from active to the head of pending.
//
// KEYS  1 active, 2 lease, 3 pending, 4 the task
// ARGV  1 id; 2 the lease it must have: a score, "none" for no lease, "" for any
// RETURNS  1 given back, 2 dropped because it was a ghost, 0 it is not so any more
var giveBack = redis.NewScript(`local lease = redis.call("ZSCORE", KEYS[2], ARGV[1])
if ARGV[2] == "none" then
  if lease then return 0 end
elseif ARGV[2] ~= "" and (not lease or tonumber(lease) ~= tonumber(ARGV[2])) then
  return 0
end
if redis.call("LREM", KEYS[1], 0, ARGV[1]) == 0 then return 0 end
redis.call("ZREM", KEYS[2], ARGV[1])
if redis.call("HEXISTS", KEYS[4], "msg") == 0 then
  redis.call("DEL", KEYS[4])
  return 2
end
local t = redis.call("TIME")
redis.call("RPUSH", KEYS[3], ARGV[1])
redis.call("HSET", KEYS[4], "state", "pending", "pending_since", t[1] .. string.format("%06d", t[2]) .. "000")
return 1`)

// drop deletes an active task whose lease is the given one.
//
// KEYS  1 active, 2 lease, 3 the task; ARGV 1 id, 2 score. Returns 1 or 0.
var drop = redis.NewScript(`local lease = redis.call("ZSCORE", KEYS[2], ARGV[1])
if not lease or tonumber(lease) ~= tonumber(ARGV[2]) then return 0 end
redis.call("LREM", KEYS[1], 0, ARGV[1])
redis.call("ZREM", KEYS[2], ARGV[1])
redis.call("DEL", KEYS[3])
return 1`)

// silent lists the active tasks whose lease is so short that their worker has missed beats.
//
// KEYS 1 lease; ARGV 1 seconds. Returns ids.
var silent = redis.NewScript(`local t = redis.call("TIME")
return redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", "(" .. (t[1] + ARGV[1]), "LIMIT", 0, 100)`)

// claim takes over the lease of such a task, so that of many workers one speaks of its death.
// The fraction of the score makes the claim recognisable: asynq's own leases are whole seconds.
//
// KEYS 1 lease; ARGV 1 id, 2 seconds as for silent, 3 seconds that the claim holds. Returns the score, or nil.
var claim = redis.NewScript(`local t = redis.call("TIME")
local lease = redis.call("ZSCORE", KEYS[1], ARGV[1])
if not lease or tonumber(lease) >= t[1] + ARGV[2] then return false end
local score = string.format("%d.%06d", t[1] + ARGV[3], t[2])
redis.call("ZADD", KEYS[1], score, ARGV[1])
return score`)

// forward moves what is due to pending: a scheduled task is a newcomer and goes to the tail, a
// retried one returns to the place it had, the head. asynq sends both to the tail
// (internal/rdb/rdb.go:971); at twenty creates a day that costs a group weeks for one moment's wait.
//
// KEYS  1 scheduled, 2 retry, 3 pending
// ARGV  1 prefix of the task keys
// RETURNS  how many were due, at most 400
var forward = redis.NewScript(`local t = redis.call("TIME")
local since = t[1] .. string.format("%06d", t[2]) .. "000"
local function due(zset) return redis.call("ZRANGEBYSCORE", zset, "-inf", t[1], "LIMIT", 0, 200) end
local function move(zset, id, push)
  redis.call("ZREM", zset, id)
  if redis.call("HEXISTS", ARGV[1] .. id, "msg") == 0 then
    redis.call("DEL", ARGV[1] .. id)
    return
  end
  redis.call(push, KEYS[3], id)
  redis.call("HSET", ARGV[1] .. id, "state", "pending", "pending_since", since)
end
local scheduled, retried = due(KEYS[1]), due(KEYS[2])
for i = 1, #scheduled do move(KEYS[1], scheduled[i], "LPUSH") end
for i = #retried, 1, -1 do move(KEYS[2], retried[i], "RPUSH") end
return #scheduled + #retried`)

// heardKey is when the workers began to reach Redis without a break, and when one did so last.
const heardKey = "rollcall:heard"

// heard notes that a worker reaches Redis.
//
// KEYS 1 the note; ARGV 1 ms that make a break. Returns since how many ms there was none.
var heard = redis.NewScript(`local t = redis.call("TIME")
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local since = tonumber(redis.call("HGET", KEYS[1], "since"))
local last = tonumber(redis.call("HGET", KEYS[1], "last"))
if not since or not last or now - last > tonumber(ARGV[1]) then since = now end
redis.call("HSET", KEYS[1], "since", string.format("%.0f", since), "last", string.format("%.0f", now))
return now - since`)
