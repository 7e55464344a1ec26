package redisconn_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

var needs = redisconn.Needs{Families: []string{"rollcall:", "asynq:", "{pace:"}, Channels: []string{"rollcall:bell"}}

// judged are the findings that block a run, one a line.
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

func TestJudge_AnAccessListThatLacksSomethingIsToldWithRedisOwnSentence(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	const all = "~rollcall:* ~asynq:* ~{pace:* &rollcall:* +@all"
	for i, test := range []struct {
		rules string
		says  []string // nothing: nothing blocks
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
			t.Errorf("%s: %q", test.rules, said)
		}
		for _, part := range append(test.says, "access list"[:min(len(test.says), 1)*len("access list")]) {
			if !strings.Contains(said, part) {
				t.Errorf("%s: %q is missing in %s", test.rules, part, said)
			}
		}
	}
	if keys := s.Client().DBSize(t.Context()).Val(); keys != 0 {
		t.Errorf("%d keys are left: %v", keys, s.Client().Keys(t.Context(), "*").Val())
	}
}

func TestJudge_ANodeOfAClusterBehindRedisBlocks(t *testing.T) {
	t.Parallel()
	cluster := testutil.Cluster(t)
	if said := judged(t, cluster.Nodes[0].URL(), needs); !strings.Contains(said, "node of a Redis Cluster") || !strings.Contains(said, "redis-cluster://") {
		t.Errorf("it says %q", said)
	}
	if said := judged(t, cluster.URL(), needs); said != "" {
		t.Errorf("the cluster itself: %s", said)
	}
}

func TestJudge_AFullMemoryBlocks(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	if err := s.Client().ConfigSet(t.Context(), "maxmemory", "1mb").Err(); err != nil {
		t.Fatal(err)
	}
	if said := judged(t, s.URL(), needs); !strings.Contains(said, "out of memory") || !strings.Contains(said, "OOM command not allowed") || strings.Contains(said, "\n") {
		t.Errorf("it says %q", said)
	}
}

func TestJudge_TooFewConnectionsBlock(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t, "--maxclients", "12")
	if said := judged(t, s.URL(), needs); !strings.Contains(said, "maxclients") || !strings.Contains(said, "more connections of 12") {
		t.Errorf("it says %q", said)
	}
	for in := true; in; { // until no further client gets in; those of before may be on their way out
		c, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = c.Write([]byte("PING\r\n")) // to one that was refused it may fail
		answer, err := bufio.NewReader(c).ReadString('\n')
		in = err == nil && answer == "+PONG\r\n"
	}
	mustFail(t, s.URL(), redisconn.TooMany)
}

func TestJudge_ReplicasThatAreAskedForAndAbsentAreTold(t *testing.T) {
	t.Parallel()
	n := needs
	n.Replicas = 1
	r, err := open(t, testutil.RealRedis(t).URL()).Judge(t.Context(), n)
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Severity != redisconn.Weak || !strings.Contains(r.Findings[0].What, "0 of the 1 replicas") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestJudge_CommandsThatAreRenamedAreNamed(t *testing.T) {
	t.Parallel()
	hidden := testutil.RealRedis(t, "--rename-command", "INFO", "hidden")
	want(t, check(t, open(t, hidden.URL())), "INFO is renamed", redisconn.Unsure)
	if said := judged(t, hidden.URL(), needs); said != "" {
		t.Errorf("without INFO: %s", said)
	}
	said := judged(t, testutil.RealRedis(t, "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "").URL(), needs)
	if !strings.Contains(said, "scripts over keys rollcall:*") || !strings.Contains(said, "unknown command") || !strings.Contains(said, "rename-command") {
		t.Errorf("it says %q", said)
	}
}

func TestExplain_APasswordThatRedisRepeatsIsLeftOut(t *testing.T) {
	t.Parallel()
	// A Redis that does not know AUTH repeats its arguments.
	s := testutil.RealRedis(t, "--rename-command", "AUTH", "", "--rename-command", "HELLO", "")
	err := s.Client().Do(t.Context(), "AUTH", "hush").Err()
	if err == nil || !strings.Contains(err.Error(), "hush") {
		t.Fatalf("Redis repeats nothing: %v", err)
	}
	if said := redisconn.Explain(err); strings.Contains(said, "hush") || !strings.Contains(said, "unknown command") {
		t.Errorf("it says %q", said)
	}
	mustFail(t, "redis://:hush@"+s.Addr, redisconn.NoCommand)
}
