package testutil

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Sentinel starts a sentinel that watches one master, with a quorum of one.
func Sentinel(t testing.TB, name string, master *RedisServer) *RedisServer {
	t.Helper()
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &RedisServer{t: t, program: program(t), Dir: t.TempDir()}
	config := filepath.Join(s.Dir, "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor %[1]s %[2]s %[3]s 1\nsentinel down-after-milliseconds %[1]s 1000\nsentinel failover-timeout %[1]s 5000\n", name, host, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{config, "--sentinel"}
	s.bare = true
	s.run()
	return s
}

// Replica starts a server that copies a master, and waits until it has.
func Replica(t testing.TB, master *RedisServer) *RedisServer {
	t.Helper()
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	// Without this delay, which gathers replicas for one copy, the copy begins at once.
	if err := master.client.ConfigSet(context.Background(), "repl-diskless-sync-delay", "0").Err(); err != nil {
		t.Fatal(err)
	}
	r := RealRedis(t, "--replicaof", host+" "+port, "--repl-diskless-sync-delay", "0")
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	Until(t, "the replica has a copy", func() bool {
		info, err := r.client.Info(ctx, "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	})
	return r
}

// Watched is a master with two replicas and a sentinel that promotes one of them when the master dies.
type Watched struct {
	t        testing.TB
	servers  []*RedisServer
	sentinel *RedisServer
	asker    *redis.SentinelClient
	client   redis.UniversalClient
}

// watchedName is the master's name at its sentinel.
const watchedName = "rollcall"

// WatchedRedis starts a master, its replicas and their sentinel. Without a redis-server it skips the test as
// RealRedis does.
func WatchedRedis(t testing.TB) *Watched {
	t.Helper()
	master := RealRedis(t, "--repl-diskless-sync-delay", "0")
	w := &Watched{t: t, servers: []*RedisServer{master, Replica(t, master), Replica(t, master)}}
	w.sentinel = Sentinel(t, watchedName, master)
	w.asker = redis.NewSentinelClient(patiently(&redis.Options{Addr: w.sentinel.Addr}))
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	Until(t, "the sentinel knows the replicas", func() bool {
		all, err := w.asker.Replicas(ctx, watchedName).Result()
		return err == nil && len(all) == 2
	})
	w.client = redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: watchedName, SentinelAddrs: []string{w.sentinel.Addr}, ContextTimeoutEnabled: true,
	})
	t.Cleanup(func() { _, _ = w.client.Close(), w.asker.Close() })
	return w
}

// URL returns the address for rollcall's configuration.
func (w *Watched) URL() string { return "redis-sentinel://" + w.sentinel.Addr + "/" + watchedName }

// Client returns a client that follows the master.
func (w *Watched) Client() redis.UniversalClient { return w.client }

// Master returns the server that the sentinel names as master.
func (w *Watched) Master() *RedisServer {
	w.t.Helper()
	addr, err := w.asker.GetMasterAddrByName(context.Background(), watchedName).Result()
	if err != nil || len(addr) != 2 {
		w.t.Fatalf("the sentinel knows no master: %v, %v", addr, err)
	}
	for _, s := range w.servers {
		if s.Addr == net.JoinHostPort(addr[0], addr[1]) {
			return s
		}
	}
	w.t.Fatalf("the master at %v is a stranger", addr)
	return nil
}

// Ready reports whether there are replicas for a failover.
func (w *Watched) Ready() bool {
	info, err := w.Master().client.Info(context.Background(), "replication").Result()
	return err == nil && strings.Contains(info, "role:master") && strings.Contains(info, "connected_slaves:2")
}
