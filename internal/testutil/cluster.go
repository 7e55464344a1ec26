package testutil

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// RedisCluster is a real cluster of three masters, each with a third of the slots. Replicate adds a
// replica of each.
type RedisCluster struct {
	Nodes []*RedisServer

	client *redis.ClusterClient
}

// clustered returns the settings of a node. Their timeouts are long, because a node on a busy machine may be silent for
// long without being down.
func clustered() []string {
	return []string{"--cluster-enabled", "yes", "--cluster-node-timeout", "60000"}
}

// Cluster starts a real three-node cluster. Without a redis-server it skips or fails the test, as RealRedis does.
func Cluster(t testing.TB, args ...string) *RedisCluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	c := &RedisCluster{}
	for range 3 {
		node := RealRedis(t, append(clustered(), args...)...)
		c.Nodes = append(c.Nodes, node)
	}
	for i, node := range c.Nodes {
		from, to := i*16384/3, (i+1)*16384/3-1
		if err := node.client.ClusterAddSlotsRange(ctx, from, to).Err(); err != nil {
			t.Fatalf("give node %d its slots: %v", i, err)
		}
		// Set different epochs, because nodes with equal epochs need a while to resolve the conflict.
		if err := node.client.Do(ctx, "cluster", "set-config-epoch", i+1).Err(); err != nil {
			t.Fatalf("set the epoch of node %d: %v", i, err)
		}
	}
	for _, node := range c.Nodes[1:] {
		host, port, err := net.SplitHostPort(node.Addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Nodes[0].client.ClusterMeet(ctx, host, port).Err(); err != nil {
			t.Fatalf("introduce the nodes: %v", err)
		}
	}
	c.agrees(ctx, t)
	c.client = redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                    c.addrs(),
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone},
		ContextTimeoutEnabled:    true,
		ReadTimeout:              slowly,
		WriteTimeout:             slowly,
		PoolTimeout:              slowly,
	})
	t.Cleanup(func() { _ = c.client.Close() })
	return c
}

// Replicate gives each master of the cluster a replica, and waits until each has a copy.
func (c *RedisCluster) Replicate(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	masters := c.Nodes
	for _, master := range masters {
		if err := master.client.ConfigSet(ctx, "repl-diskless-sync-delay", "0").Err(); err != nil {
			t.Fatal(err)
		}
		replica := RealRedis(t, append(clustered(), "--repl-diskless-sync-delay", "0")...)
		host, port, err := net.SplitHostPort(master.Addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := replica.client.ClusterMeet(ctx, host, port).Err(); err != nil {
			t.Fatalf("introduce a replica: %v", err)
		}
		c.Nodes = append(c.Nodes, replica)
	}
	c.agrees(ctx, t)
	for i, replica := range c.Nodes[len(masters):] {
		id, err := masters[i].client.Do(ctx, "cluster", "myid").Text()
		if err != nil {
			t.Fatal(err)
		}
		if err := replica.client.ClusterReplicate(ctx, id).Err(); err != nil {
			t.Fatalf("make a replica: %v", err)
		}
		Until(t, "the replica has a copy", func() bool {
			info, err := replica.client.Info(ctx, "replication").Result()
			return err == nil && strings.Contains(info, "master_link_status:up")
		})
	}
}

// agrees waits until all nodes know each other and serve.
func (c *RedisCluster) agrees(ctx context.Context, t testing.TB) {
	t.Helper()
	known := fmt.Sprintf("cluster_known_nodes:%d\r\n", len(c.Nodes))
	for _, node := range c.Nodes {
		Until(t, "the cluster agrees", func() bool {
			info, err := node.client.ClusterInfo(ctx).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, known)
		})
	}
}

// URL returns the address as rollcall's configuration takes it.
func (c *RedisCluster) URL() string { return "redis-cluster://" + strings.Join(c.addrs(), ",") }

// Client returns a client of the whole cluster.
func (c *RedisCluster) Client() redis.UniversalClient { return c.client }

func (c *RedisCluster) addrs() []string {
	var all []string
	for _, n := range c.Nodes {
		all = append(all, n.Addr)
	}
	return all
}
