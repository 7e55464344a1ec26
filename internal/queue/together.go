package queue

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// together is the client that asynq's Client gets: scripts that are run at the same time go in one pipeline. While one
// is under way, those who come wait, and the first of them sends the next one for all.
type together struct {
	redis.UniversalClient

	mu      sync.Mutex
	sending bool
	waiting []*run
}

// run is a script that waits.
type run struct {
	sha   string
	keys  []string
	args  []any
	leads chan bool // true: it sends the next pipeline; false: it was part of one
	cmd   *redis.Cmd
}

// EvalSha runs a script, in one pipeline with others that are run at the same time.
func (c *together) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if err := ctx.Err(); err != nil {
		cmd := redis.NewCmd(ctx)
		cmd.SetErr(err)
		return cmd
	}
	mine := &run{sha: sha, keys: keys, args: args, leads: make(chan bool, 1)}
	c.mu.Lock()
	c.waiting = append(c.waiting, mine)
	if c.sending {
		c.mu.Unlock()
		if !<-mine.leads {
			return mine.cmd
		}
		c.mu.Lock()
	}
	c.sending = true
	all := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	defer c.sent(all)
	_, _ = c.Pipelined(context.WithoutCancel(ctx), func(p redis.Pipeliner) error { // each command has its error
		for _, one := range all {
			one.cmd = p.EvalSha(ctx, one.sha, one.keys, one.args...)
		}
		return nil
	})
	return mine.cmd
}

// sent tells the others of a pipeline, and the next one to send.
func (c *together) sent(all []*run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range all[1:] {
		other.leads <- false
	}
	if c.sending = len(c.waiting) > 0; c.sending {
		c.waiting[0].leads <- true
	}
}
