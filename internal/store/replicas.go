package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// ErrGone says that a write which Redis had confirmed is not there any more: a failover has lost it.
var ErrGone = errors.New("a failover has lost what was written")

// replicasFor is how long replicas may take to confirm a write.
const replicasFor = time.Second

// Replicated makes sure that what was written to a record outlives its master: the record still
// holds it, and as many replicas as the installation asks for have it. It fails with ErrGone where
// the record no longer holds it, and otherwise where too few replicas confirm it. Where none are
// asked for it does nothing.
//
// WAIT speaks of the writes of its own connection. So there is one more write on it, behind which
// WAIT stands: replicas take all writes of their master in their order. And because the master may
// have been replaced since the record was written, the record is read on that connection before.
func (rs *Records) Replicated(ctx context.Context, id string, holds func(g *group.Group) bool) error {
	if rs.replicas == 0 {
		return nil
	}
	node, err := rs.masterOf(ctx, recordKey(id))
	if err != nil {
		return err
	}
	conn := node.Conn()
	defer conn.Close() //nolint:errcheck // it goes back to its pool
	value, err := conn.Get(ctx, recordKey(id)).Result()
	if errors.Is(err, redis.Nil) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("read %s again: %w", id, err)
	}
	g, err := rs.crypt.openRecord(ctx, id, value)
	if err != nil {
		return err
	}
	if !holds(g) {
		return ErrGone
	}
	if err := conn.Set(ctx, sureKey(id), 1, replicasFor).Err(); err != nil {
		return fmt.Errorf("ask replicas for %s: %w", id, err)
	}
	have, err := conn.Wait(ctx, rs.replicas, replicasFor).Result()
	if err != nil {
		return fmt.Errorf("ask replicas for %s: %w", id, err)
	}
	if have < int64(rs.replicas) {
		return fmt.Errorf("%d of %d replicas have confirmed it within %s", have, rs.replicas, replicasFor)
	}
	return nil
}

// masterOf is the server that a key is written to.
func (rs *Records) masterOf(ctx context.Context, key string) (*redis.Client, error) {
	switch c := rs.rdb.(type) {
	case *redis.Client:
		return c, nil
	case *redis.ClusterClient:
		return c.MasterForKey(ctx, key)
	default:
		return nil, fmt.Errorf("a client of kind %T has no replicas to ask", rs.rdb)
	}
}
