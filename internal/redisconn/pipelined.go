package redisconn

import "github.com/redis/go-redis/v9"

// Pipelined is the producer's client: concurrent callers' commands travel together, which made
// 64 callers 4.8 times as fast as one and cost the server less (facts/asynq.md 6.1). A lane must
// not use it: a server gets slower by a fifth.
//
// go-redis calls the feature experimental; everything we use of it is behind this function. The
// client is closed with the connection.
func Pipelined(c *Conn) (redis.UniversalClient, error) {
	p, err := c.client.AutoPipeline()
	if err != nil {
		return nil, wrap(c.display, err)
	}
	return p, nil
}
