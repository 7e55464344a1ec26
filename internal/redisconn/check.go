package redisconn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Severity says what a finding means for a run.
type Severity string

// The severities.
const (
	// Blocks: rollcall cannot work on this Redis.
	Blocks Severity = "blocks"
	// Weak: rollcall works on this Redis, which can lose or evict accepted work. require_durable refuses it.
	Weak Severity = "weak"
	// Unsure: this Redis does not let rollcall check it. require_durable refuses it too.
	Unsure Severity = "unsure"
)

// Finding is one thing about a Redis that its operator should correct or check.
type Finding struct {
	Node     string // host:port of the master it concerns; "" when there is only one
	What     string // one sentence without a full stop
	Remedy   string
	Severity Severity
}

func (f Finding) String() string {
	s := f.What
	if f.Node != "" {
		s = f.Node + ": " + s
	}
	return s + "; " + f.Remedy
}

// Report is the result of Check. Without findings the Redis is fit to hold work.
type Report struct {
	Kind     Kind
	Version  string // "redis 7.0.15"; "" when not told
	Masters  int
	Findings []Finding
}

// ErrUnfit is wrapped by every error of Refuse. Exit code 2.
var ErrUnfit = errors.New("this Redis is not fit for the work")

// Refuse returns the reasons not to run on this Redis, nil if there are none. requireDurable is redis.require_durable:
// with it, a Redis that could lose work is refused too, not only one that cannot work.
func (r Report) Refuse(requireDurable bool) error {
	var reasons []string
	for _, f := range r.Findings {
		if requireDurable || f.Severity == Blocks {
			reasons = append(reasons, f.String())
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnfit, strings.Join(reasons, "; "))
}

// Judge checks the Redis and, if nothing blocks a run, rehearses what a program with these needs does. It returns an
// error only if the Redis does not answer.
func (c *Conn) Judge(ctx context.Context, n Needs) (Report, error) {
	r, err := c.Check(ctx)
	if err != nil || c.kind == Memory || r.Refuse(false) != nil {
		return r, err
	}
	refused, err := c.rehearse(ctx, n)
	r.Findings = append(r.Findings, refused...)
	return r, err
}

// Check checks whether Redis is new enough, has room for connections, writes an append-only file and evicts nothing. In
// a cluster it asks every master. If a hosted Redis hides one of these, Check reports that and assumes nothing. It
// returns an error only if the Redis does not answer.
func (c *Conn) Check(ctx context.Context) (Report, error) {
	r := Report{Kind: c.kind, Masters: 1}
	if c.kind == Memory {
		r.Findings = []Finding{inMemory("")}
		return r, nil
	}
	cluster, ok := c.client.(*redis.ClusterClient)
	if !ok {
		one, err := inspect(ctx, c.client, "")
		if err != nil {
			return r, wrap(c.display, err)
		}
		r.Version, r.Findings = one.version, one.findings
		return r, nil
	}
	r.Masters = 0
	var mu sync.Mutex
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		one, err := inspect(ctx, node, node.Options().Addr)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		r.Masters++
		r.Version = one.version
		r.Findings = append(r.Findings, one.findings...)
		return nil
	})
	if err != nil {
		return r, wrap(c.display, err)
	}
	return r, nil
}

// inspection is what Check found out about one server.
type inspection struct {
	node     string
	version  string
	findings []Finding
}

func (i *inspection) add(s Severity, what, remedy string) {
	i.findings = append(i.findings, Finding{Node: i.node, What: what, Remedy: remedy, Severity: s})
}

func inspect(ctx context.Context, client redis.Cmdable, node string) (inspection, error) {
	i := inspection{node: node}
	text, err := client.Info(ctx).Result()
	if err != nil {
		switch Classify(err) {
		case Forbidden:
			i.add(Unsure, "it does not let us read INFO, so its version could not be checked ("+Said(err)+")", "allow the command INFO to this user")
		case NoCommand:
			i.add(Unsure, "INFO is renamed or missing there, so its version could not be checked ("+Said(err)+")", "take INFO out of rename-command in redis.conf")
		default:
			return i, err
		}
	}
	info := parseInfo(text)
	if err == nil && info["redis_version"] == "" {
		// miniredis, reached over its socket by another process.
		i.findings = append(i.findings, inMemory(node))
		return i, nil
	}
	i.checkVersion(info)
	if info["redis_mode"] == "sentinel" {
		i.add(Blocks, "it is a sentinel, which holds no data", remedyOf(WrongKind))
		return i, nil
	}
	if info["role"] == "slave" {
		i.add(Blocks, "it is a read-only replica", remedyOf(ReadOnly))
	}
	if node == "" && info["cluster_enabled"] == "1" {
		i.add(Blocks, "it is a node of a Redis Cluster, and the address is that of a single server", remedyOf(WrongKind))
	}
	i.checkRoom(info)
	if err := i.checkDurability(ctx, client, info); err != nil {
		return i, err
	}
	return i, nil
}

// minConnections is the number of connections that a program needs at the same time.
const minConnections = 16

// checkRoom checks that there is room for a program's connections.
func (i *inspection) checkRoom(info map[string]string) {
	limit, errLimit := strconv.Atoi(info["maxclients"])
	now, errNow := strconv.Atoi(info["connected_clients"])
	if free := limit - now; errLimit == nil && errNow == nil && free < minConnections {
		i.add(Blocks, fmt.Sprintf("it has room for %d more connections of %d (maxclients), and each process needs %d", free, limit, minConnections), remedyOf(TooMany))
	}
}

func (i *inspection) checkVersion(info map[string]string) {
	v := info["redis_version"]
	if v == "" {
		return
	}
	i.version = "redis " + v
	if valkey := info["valkey_version"]; valkey != "" {
		i.version = "valkey " + valkey
	}
	if !atLeast(v, 6, 2) {
		i.add(Blocks, "it is Redis "+v+", and 6.2 is the oldest that works (ZRANGE … BYSCORE)", "upgrade Redis; 7 or newer is recommended")
	}
}

func (i *inspection) checkDurability(ctx context.Context, client redis.Cmdable, info map[string]string) error {
	aof := info["aof_enabled"]
	policy := info["maxmemory_policy"]
	if aof == "" || policy == "" {
		config, err := readConfig(ctx, client, "appendonly", "maxmemory-policy")
		if err != nil {
			return err
		}
		aof = orElse(aof, map[string]string{"yes": "1", "no": "0"}[config["appendonly"]])
		policy = orElse(policy, config["maxmemory-policy"])
	}
	switch aof {
	case "1":
		i.checkLog(ctx, client, info)
	case "0":
		i.add(Weak, "it does not write an append-only file (appendonly no): a crash of Redis loses accepted groups and the record of calls already made",
			"set `appendonly yes` (redis-cli config set appendonly yes, then config rewrite)")
	default:
		i.add(Unsure, "could not check whether it writes an append-only file: INFO and CONFIG are closed to us",
			"make sure with its operator that `appendonly` is `yes`")
	}
	switch policy {
	case "noeviction":
	case "":
		i.add(Unsure, "could not check its eviction policy: INFO and CONFIG are closed to us",
			"make sure with its operator that `maxmemory-policy` is `noeviction`")
	default:
		i.add(Weak, "it evicts keys when memory runs out (maxmemory-policy "+policy+"): accepted groups can vanish",
			"set `maxmemory-policy noeviction` (redis-cli config set maxmemory-policy noeviction, then config rewrite)")
	}
	return nil
}

// checkLog checks how the append-only file is written.
func (i *inspection) checkLog(ctx context.Context, client redis.Cmdable, info map[string]string) {
	if s := info["aof_last_write_status"]; s != "" && s != "ok" {
		i.add(Weak, "its last write to the append-only file failed", remedyOf(DiskFault))
	}
	// A server that hides CONFIG counts as one with the default, everysec.
	if config, err := readConfig(ctx, client, "appendfsync"); err == nil && config["appendfsync"] == "no" {
		i.add(Weak, "it leaves writing to the operating system (appendfsync no): a power cut can lose the last half minute",
			"set `appendfsync everysec`, or `always` for the hard guarantee")
	}
}

// readConfig returns settings by their names. It leaves out those that Redis does not return, because CONFIG is
// forbidden, renamed or missing there.
func readConfig(ctx context.Context, client redis.Cmdable, names ...string) (map[string]string, error) {
	all := map[string]string{}
	for _, name := range names {
		got, err := client.ConfigGet(ctx, name).Result()
		if redisText(err) != "" {
			return all, nil // Redis answered, and the answer is no
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(all, got)
	}
	return all, nil
}

func inMemory(node string) Finding {
	return Finding{
		Node: node, Severity: Weak, What: "it is kept in memory only, for development: everything is gone when its process ends",
		Remedy: "for real work set redis.url to a Redis, or to embedded:DIR",
	}
}

func parseInfo(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[k] = v
		}
	}
	return info
}

// atLeast reports whether the first two numbers of a version are at least major and minor. A text that is not a version
// counts as new, because such a Redis may work.
func atLeast(version string, major, minor int) bool {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	if errA != nil || errB != nil {
		return true
	}
	return a > major || a == major && b >= minor
}
