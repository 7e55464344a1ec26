package redisconn

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Needs is what a program does with its Redis.
type Needs struct {
	// Families are the beginnings of its keys: "rollcall:".
	Families []string
	// Channels are the channels that it publishes and subscribes to.
	Channels []string
	// Replicas is how many replicas must have its writes.
	Replicas int
}

// rehearsed has the commands that a program uses, on keys of each type. KEY stands for the scratch key of a family.
// Each key expires, in case the commands that delete it do not run.
var rehearsed = strings.Split(`SET KEY:s 1 PX 60000
GET KEY:s
EXISTS KEY:s
TYPE KEY:s
SETNX KEY:s 1
INCR KEY:s
PEXPIRE KEY:s 60000
PTTL KEY:s
EXPIREAT KEY:s 4102444800
GETEX KEY:s PERSIST
PERSIST KEY:s
SETEX KEY:s 60 1
HSET KEY:h f 1
EXPIRE KEY:h 60
HSETNX KEY:h g 1
HINCRBY KEY:h f 1
HGET KEY:h f
HMGET KEY:h f g
HEXISTS KEY:h f
HGETALL KEY:h
HVALS KEY:h
HLEN KEY:h
HSCAN KEY:h 0
HDEL KEY:h f
ZADD KEY:z 1 a
EXPIRE KEY:z 60
ZINCRBY KEY:z 1 a
ZSCORE KEY:z a
ZMSCORE KEY:z a
ZRANK KEY:z a
ZCARD KEY:z
ZCOUNT KEY:z 0 1
ZLEXCOUNT KEY:z - +
ZRANGE KEY:z 0 -1
ZRANGEBYSCORE KEY:z 0 1
ZRANGEBYLEX KEY:z - +
ZREVRANGE KEY:z 0 -1
ZREVRANGEBYLEX KEY:z + -
ZSCAN KEY:z 0
ZREM KEY:z b
ZREMRANGEBYSCORE KEY:z 5 6
ZREMRANGEBYRANK KEY:z 5 6
ZREMRANGEBYLEX KEY:z [x [y
RPUSH KEY:l a
LPUSH KEY:l a
EXPIRE KEY:l 60
LLEN KEY:l
LRANGE KEY:l 0 -1
LREM KEY:l 1 b
RPOPLPUSH KEY:l KEY:l
SADD KEY:m a
EXPIRE KEY:m 60
SMEMBERS KEY:m
SISMEMBER KEY:m a
SCARD KEY:m
SREM KEY:m b
XADD KEY:x * f 1
EXPIRE KEY:x 60
XLEN KEY:x
XRANGE KEY:x - +
XREVRANGE KEY:x + -
XREAD COUNT 1 STREAMS KEY:x 0
XTRIM KEY:x MAXLEN 10
DEL KEY:s
DEL KEY:h
DEL KEY:z
DEL KEY:l
DEL KEY:m
DEL KEY:x
UNLINK KEY:x
SCRIPT LOAD return
UNWATCH
TIME`, "\n")

//go:embed rehearse.lua
var rehearsalSource string

var rehearsalScript = redis.NewScript(rehearsalSource)

// rehearse does what a program with these needs will do, on keys that no other program reads, and returns what Redis
// refuses. A wrong access list, a full memory, a cluster behind the address of a single server, and missing replicas
// show only when something is written.
func (c *Conn) rehearse(ctx context.Context, n Needs) ([]Finding, error) {
	r := rehearsal{conn: c, told: map[string]bool{}}
	tag := make([]byte, 8)
	_, _ = rand.Read(tag) // never fails since Go 1.24
	for _, family := range n.Families {
		key := family + "rehearsal-" + hex.EncodeToString(tag)
		if strings.HasPrefix(family, "{") {
			key += "}"
		}
		r.keys(ctx, key, family+"*")
	}
	for _, channel := range n.Channels {
		r.record("", "the channel "+channel, c.listen(ctx, channel))
	}
	if n.Replicas > 0 {
		r.replicas(ctx, n.Replicas)
	}
	if r.err != nil {
		return r.findings, wrap(c.display, r.err)
	}
	return r.findings, nil
}

// rehearsal gathers what Redis refuses.
type rehearsal struct {
	conn     *Conn
	findings []Finding
	told     map[string]bool
	over     bool  // every further call would be refused for the same reason
	err      error // Redis did not answer
}

// keys rehearses commands, a script and a transaction with the keys of a family.
func (r *rehearsal) keys(ctx context.Context, key, family string) {
	if r.over {
		return
	}
	client, before := r.conn.client, len(r.findings)
	cmds, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, line := range rehearsed {
			var args []any
			for word := range strings.FieldsSeq(line) {
				args = append(args, strings.ReplaceAll(word, "KEY", key))
			}
			p.Do(ctx, args...)
		}
		return nil
	})
	answered := false
	for _, cmd := range cmds {
		if Said(cmd.Err()) != "" || cmd.Err() == nil {
			answered = true
			r.record(strings.ToUpper(cmd.Name())+" on ", "keys "+family, cmd.Err())
		}
	}
	if !answered {
		r.record("", "keys "+family, err)
	}
	if len(r.findings) > before {
		return // scripts and transactions would be refused for the same reason
	}
	r.record("scripts over ", "keys "+family, rehearsalScript.Run(ctx, client, []string{key + ":e"}).Err())
	err = again(func() error {
		return client.Watch(ctx, func(tx *redis.Tx) error {
			_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.Set(ctx, key+":t", 1, time.Minute)
				p.Del(ctx, key+":t")
				return nil
			})
			return err
		}, key+":t")
	})
	r.record("transactions over ", "keys "+family, err)
}

// listen subscribes to a channel and publishes to it.
func (c *Conn) listen(ctx context.Context, channel string) error {
	sub, err := Subscribe(ctx, c.client, channel)
	if err != nil {
		return err
	}
	defer sub.Close() //nolint:errcheck // nothing is lost
	return c.client.Publish(ctx, channel, "rehearsal").Err()
}

// replicas asks each master how many replicas confirm its writes.
func (r *rehearsal) replicas(ctx context.Context, want int) {
	if r.over {
		return
	}
	ask := func(ctx context.Context, node interface {
		Process(ctx context.Context, cmd redis.Cmder) error
	},
	) (int64, error) {
		cmd := redis.NewIntCmd(ctx, "wait", want, 1000)
		err := node.Process(ctx, cmd)
		return cmd.Val(), err
	}
	confirmed := int64(want) // of the master with the fewest
	var err error
	if cluster, ok := r.conn.client.(*redis.ClusterClient); ok {
		var mu sync.Mutex
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
			have, err := ask(ctx, node)
			mu.Lock()
			defer mu.Unlock()
			confirmed = min(confirmed, have)
			return err
		})
	} else {
		confirmed, err = ask(ctx, r.conn.client)
	}
	r.record("WAIT", "", err)
	if err == nil && confirmed < int64(want) {
		r.findings = append(r.findings, Finding{
			Severity: Weak, What: fmt.Sprintf("%d of the %d replicas that redis.wait_replicas asks for confirm its writes: rollcall makes no call before they do", confirmed, want),
			Remedy: "bring the replicas back (redis-cli info replication), or lower redis.wait_replicas",
		})
	}
}

// record adds a finding for a refusal. An error that is not an answer of Redis ends the rehearsal.
func (r *rehearsal) record(doing, with string, err error) {
	f := Classify(err)
	if f == NoFault || r.over {
		return
	}
	said := Said(err)
	if said == "" {
		r.over, r.err = true, err
		return
	}
	w := wrap("", err)
	finding := Finding{Severity: Blocks, What: w.What, Remedy: w.Remedy}
	if f == Forbidden || f == NoCommand {
		plain, _ := wordsOf(f)
		finding.What = plain.what + ", for " + doing + with + " (" + said + ")"
	} else {
		r.over = true
	}
	if reason := said + with; !r.told[reason] && len(r.told) < maxRefusals {
		r.told[reason] = true
		r.findings = append(r.findings, finding)
	}
}

// maxRefusals is the maximum number of refusals that are reported, because a wrong access list refuses everything.
const maxRefusals = 8
