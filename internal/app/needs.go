package app

import (
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// RedisNeeds returns what a worker or a producer needs from Redis: the keys of records, of asynq and of paces, and the
// channels.
func RedisNeeds(cfg *config.Config) redisconn.Needs {
	return redisconn.Needs{
		Families: []string{"rollcall:", "asynq:", "{pace:"},
		Channels: []string{queue.Bell, queue.Cancellations},
		Replicas: cfg.Redis.WaitReplicas,
	}
}
