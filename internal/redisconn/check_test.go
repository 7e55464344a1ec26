package redisconn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func check(t *testing.T, c *redisconn.Conn) redisconn.Report {
	t.Helper()
	r, err := c.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCheck_ADurableRedisHasNoFindings(t *testing.T) {
	t.Parallel()
	r := check(t, open(t, testutil.RealRedis(t).URL()))
	if len(r.Findings) != 0 || r.Refuse(true) != nil || !strings.HasPrefix(r.Version, "redis ") || r.Masters != 1 {
		t.Errorf("report = %+v, want one durable redis without findings", r)
	}
}

func TestCheck_FindsARedisThatCanLoseWork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		word string
	}{
		{"no append-only file", []string{"--appendonly", "no"}, "appendonly"},
		{"eviction", []string{"--maxmemory-policy", "allkeys-lru"}, "allkeys-lru"},
		{"no fsync", []string{"--appendfsync", "no"}, "appendfsync"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want(t, check(t, open(t, testutil.RealRedis(t, tt.args...).URL())), tt.word, redisconn.Weak)
		})
	}
}

func TestCheck_ReportsWhatAHostedRedisHides(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	acl := s.Client().Do(t.Context(), "acl", "setuser", "hosted", "on", ">pw", "~*", "&*", "+@all", "-config", "-info")
	if err := acl.Err(); err != nil {
		t.Fatal(err)
	}
	want(t, check(t, open(t, "redis://hosted:pw@"+s.Addr)), "could not check", redisconn.Unsure)
}

// want fails unless a finding of this severity holds the word and only require_durable refuses it.
func want(t *testing.T, r redisconn.Report, word string, s redisconn.Severity) {
	t.Helper()
	found := false
	for _, f := range r.Findings {
		found = found || strings.Contains(f.String(), word) && f.Severity == s
	}
	if !found {
		t.Errorf("no %s finding holds %q: %+v", s, word, r.Findings)
	}
	if r.Refuse(false) != nil {
		t.Errorf("refused without require_durable: %v", r.Refuse(false))
	}
	if err := r.Refuse(true); !errors.Is(err, redisconn.ErrUnfit) || !strings.Contains(err.Error(), word) {
		t.Errorf("with require_durable: got %v, want ErrUnfit with %q", err, word)
	}
}

func TestCheck_ReadsINFOWhereCONFIGIsHidden(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t, "--rename-command", "CONFIG", "")
	if r := check(t, open(t, s.URL())); len(r.Findings) != 0 {
		t.Errorf("findings = %+v, want none: INFO tells everything", r.Findings)
	}
}

func TestCheck_AsksEveryMasterOfACluster(t *testing.T) {
	t.Parallel()
	cluster := testutil.Cluster(t)
	c := open(t, cluster.URL())
	if r := check(t, c); len(r.Findings) != 0 || r.Masters != 3 || r.Kind != redisconn.Cluster {
		t.Errorf("report = %+v, want three masters without findings", r)
	}
	weak := cluster.Nodes[1]
	if err := weak.Client().ConfigSet(t.Context(), "maxmemory-policy", "volatile-ttl").Err(); err != nil {
		t.Fatal(err)
	}
	r := check(t, c)
	if len(r.Findings) != 1 || r.Findings[0].Node != weak.Addr {
		t.Errorf("findings = %+v, want one about %s", r.Findings, weak.Addr)
	}
}

func TestCheck_ARedisInMemoryIsNotDurableFromAnyProcess(t *testing.T) {
	t.Parallel()
	c := open(t, "memory:")
	want(t, check(t, c), "memory only", redisconn.Weak)
	want(t, check(t, open(t, c.Shared())), "memory only", redisconn.Weak)
}
