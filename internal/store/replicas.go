package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// ErrGone says that a failover has lost a write that Redis had confirmed.
var ErrGone = errors.New("a failover has lost what was written")

// replicasFor is how long replicas may take to confirm a write.
const replicasFor = time.Second

// Replicated makes sure that a write to a record survives the loss of its master: the record still holds
// it, and the configured number of replicas has it. It fails with ErrGone if the record no longer holds
// it, and with another error if too few replicas confirm it. With no configured replicas it does nothing.
//
// WAIT covers only the writes of its own connection, so Replicated makes one more write on its connection before WAIT:
// replicas apply all writes of their master in order. The master may have been replaced since the record was written,
// so Replicated first reads the record on that connection.
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

// masterOf returns the client of the master that holds a key.
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
