package redisconn_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

var needs = redisconn.Needs{Families: []string{"rollcall:", "asynq:", "{pace:"}, Channels: []string{"rollcall:bell"}}

// judged returns the findings that block a run, one per line.
func judged(t *testing.T, url string, n redisconn.Needs) string {
	t.Helper()
	r, err := open(t, url).Judge(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range r.Findings {
		if f.Severity == redisconn.Blocks {
			all = append(all, f.String())
		}
	}
	return strings.Join(all, "\n")
}

func TestJudge_QuotesRedisAboutWhatAnAccessListLacks(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	const all = "~rollcall:* ~asynq:* ~{pace:* &rollcall:* +@all"
	for i, test := range []struct {
		rules string
		says  []string // nil: nothing blocks
	}{
		{all, nil},
		{"~* &* +@all -info", nil},
		{"~rollcall:* ~asynq:* ~{pace:* +@all", []string{"the channel rollcall:bell", "NOPERM", "channel"}},
		{all + " -eval -evalsha", []string{"scripts over keys rollcall:*", "NOPERM", "eval"}},
		{all + " -publish", []string{"the channel rollcall:bell", "'publish'"}},
		{all + " -xadd", []string{"XADD on keys rollcall:*", "'xadd'"}},
		{all + " -multi -exec", []string{"transactions over keys rollcall:*"}},
		{all + " -watch", []string{"transactions over keys rollcall:*"}},
		{"~rollcall:* ~asynq:* &rollcall:* +@all", []string{"keys {pace:*", "NOPERM"}},
		{"~rollcall:* ~{pace:* &rollcall:* +@all", []string{"keys asynq:*", "NOPERM"}},
		{"~asynq:* ~{pace:* &rollcall:* +@all", []string{"keys rollcall:*", "NOPERM"}},
		{"~rollcall:{ix}:* ~asynq:* ~{pace:* &rollcall:* +@all", []string{"keys rollcall:*", "NOPERM"}},
	} {
		user := fmt.Sprintf("u%d", i)
		args := []any{"ACL", "SETUSER", user, "on", ">hush", "resetchannels"}
		for rule := range strings.FieldsSeq(test.rules) {
			args = append(args, rule)
		}
		if err := s.Client().Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
		said := judged(t, "redis://"+user+":hush@"+s.Addr, needs)
		if (said == "") != (test.says == nil) {
			t.Errorf("%s: got findings %q, want %q", test.rules, said, test.says)
		}
		parts := test.says
		if parts != nil {
			parts = append(parts, "access list")
		}
		for _, part := range parts {
			if !strings.Contains(said, part) {
				t.Errorf("%s: got findings %q, want %q in them", test.rules, said, part)
			}
		}
	}
	if keys := s.Client().DBSize(t.Context()).Val(); keys != 0 {
		t.Errorf("Judge left %d keys, want none: %v", keys, s.Client().Keys(t.Context(), "*").Val())
	}
}

func TestJudge_ANodeOfAClusterBehindRedisBlocks(t *testing.T) {
	t.Parallel()
	cluster := testutil.Cluster(t)
	if said := judged(t, cluster.Nodes[0].URL(), needs); !strings.Contains(said, "node of a Redis Cluster") || !strings.Contains(said, "redis-cluster://") {
		t.Errorf("got findings %q, want one that names the cluster and redis-cluster://", said)
	}
	if said := judged(t, cluster.URL(), needs); said != "" {
		t.Errorf("the cluster itself: got findings %q, want none", said)
	}
}

func TestJudge_AFullMemoryBlocks(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	if err := s.Client().ConfigSet(t.Context(), "maxmemory", "1mb").Err(); err != nil {
		t.Fatal(err)
	}
	if said := judged(t, s.URL(), needs); !strings.Contains(said, "out of memory") || !strings.Contains(said, "OOM command not allowed") || strings.Contains(said, "\n") {
		t.Errorf("got findings %q, want only out of memory", said)
	}
}

func TestJudge_TooFewConnectionsBlock(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t, "--maxclients", "12")
	if said := judged(t, s.URL(), needs); !strings.Contains(said, "maxclients") || !strings.Contains(said, "more connections of 12") {
		t.Errorf("got findings %q, want one about maxclients", said)
	}
	for in := true; in; { // until no further client gets in: connections of before may still be closing
		c, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = c.Write([]byte("PING\r\n")) // fails if the server has refused the connection
		answer, err := bufio.NewReader(c).ReadString('\n')
		in = err == nil && answer == "+PONG\r\n"
	}
	mustFail(t, s.URL(), redisconn.TooMany)
}

func TestJudge_ReportsMissingReplicas(t *testing.T) {
	t.Parallel()
	n := needs
	n.Replicas = 1
	r, err := open(t, testutil.RealRedis(t).URL()).Judge(t.Context(), n)
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Severity != redisconn.Weak || !strings.Contains(r.Findings[0].What, "0 of the 1 replicas") {
		t.Errorf("Judge = %+v, %v; want one weak finding about the replicas", r, err)
	}
}

func TestJudge_NamesRenamedCommands(t *testing.T) {
	t.Parallel()
	hidden := testutil.RealRedis(t, "--rename-command", "INFO", "hidden")
	want(t, check(t, open(t, hidden.URL())), "INFO is renamed", redisconn.Unsure)
	if said := judged(t, hidden.URL(), needs); said != "" {
		t.Errorf("without INFO: got findings %q, want none that block", said)
	}
	said := judged(t, testutil.RealRedis(t, "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "").URL(), needs)
	if !strings.Contains(said, "scripts over keys rollcall:*") || !strings.Contains(said, "unknown command") || !strings.Contains(said, "rename-command") {
		t.Errorf("got findings %q, want one about scripts and rename-command", said)
	}
}

func TestExplain_APasswordThatRedisRepeatsIsLeftOut(t *testing.T) {
	t.Parallel()
	// A Redis without AUTH repeats the arguments of the call in its error.
	s := testutil.RealRedis(t, "--rename-command", "AUTH", "", "--rename-command", "HELLO", "")
	err := s.Client().Do(t.Context(), "AUTH", "hush").Err()
	if err == nil || !strings.Contains(err.Error(), "hush") {
		t.Fatalf("got %v, want an error of Redis that repeats the password", err)
	}
	if said := redisconn.Explain(err); strings.Contains(said, "hush") || !strings.Contains(said, "unknown command") {
		t.Errorf("Explain = %q, want unknown command without the password", said)
	}
	mustFail(t, "redis://:hush@"+s.Addr, redisconn.NoCommand)
}

// breaking breaks the first connection over which a command is sent.
type breaking struct {
	command string
	broken  atomic.Bool
}

func (b *breaking) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		return &breakingConn{conn, b}, err
	}
}

func (b *breaking) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == b.command && b.broken.CompareAndSwap(false, true) {
			return io.EOF
		}
		return next(ctx, cmd)
	}
}

func (b *breaking) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

type breakingConn struct {
	net.Conn
	by *breaking
}

func (c *breakingConn) Write(p []byte) (int, error) {
	if bytes.Contains(bytes.ToLower(p), []byte("\r\n"+c.by.command+"\r\n")) && c.by.broken.CompareAndSwap(false, true) {
		_ = c.Close()
		return 0, io.EOF
	}
	return c.Conn.Write(p)
}

// An embedded Redis stops with the program that started it, and the next program starts it again.
func TestJudge_ARedisThatRestartsMeanwhileIsFit(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"watch", "subscribe"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			conn, b := open(t, testutil.RealRedis(t).URL()), &breaking{command: command}
			conn.Client().AddHook(b)
			r, err := conn.Judge(t.Context(), needs)
			if err != nil || r.Refuse(false) != nil || !b.broken.Load() {
				t.Errorf("got %+v, %v, broken %v; want no error and nothing that blocks", r, err, b.broken.Load())
			}
		})
	}
}
