package redisconn

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnAddressIsReadAndShownWithoutItsPassword(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	type reading struct {
		Kind    Kind
		Display string
		Addrs   []string
		DB      int
		User    string
		Pass    string
		Master  string
		SPass   string
		TLS     bool
	}
	for _, tt := range []struct {
		url  string
		want reading
	}{
		{"redis://127.0.0.1:6379/0", reading{Kind: Single, Display: "redis://127.0.0.1:6379/0", Addrs: []string{"127.0.0.1:6379"}}},
		{"redis://bob:hush@h:1/3", reading{Kind: Single, Display: "redis://bob:xxxxx@h:1/3", Addrs: []string{"h:1"}, DB: 3, User: "bob", Pass: "hush"}},
		{"redis://:hush@h", reading{Kind: Single, Display: "redis://:xxxxx@h", Addrs: []string{"h:6379"}, Pass: "hush"}},
		{"redis://[::1]:7", reading{Kind: Single, Display: "redis://[::1]:7", Addrs: []string{"[::1]:7"}}},
		{"rediss://h:1", reading{Kind: Single, Display: "rediss://h:1", Addrs: []string{"h:1"}, TLS: true}},
		{"unix:///run/redis.sock?db=2", reading{Kind: Single, Display: "unix:///run/redis.sock?db=2", Addrs: []string{"/run/redis.sock"}, DB: 2}},
		{"redis-sentinel://bob:hush@a:1,b:2/mine?db=4&sentinel_password=shh", reading{
			Kind: Sentinel, Display: "redis-sentinel://bob:xxxxx@a:1,b:2/mine?db=4&sentinel_password=xxxxx",
			Addrs: []string{"a:1", "b:2"}, DB: 4, User: "bob", Pass: "hush", Master: "mine", SPass: "shh",
		}},
		{"redis-sentinel://a,b/mine", reading{Kind: Sentinel, Display: "redis-sentinel://a,b/mine", Addrs: []string{"a:26379", "b:26379"}, Master: "mine"}},
		{"redis-cluster://:hush@a:1,b:2", reading{Kind: Cluster, Display: "redis-cluster://:xxxxx@a:1,b:2", Addrs: []string{"a:1", "b:2"}, Pass: "hush"}},
		{"rediss-cluster://[::1]:1", reading{Kind: Cluster, Display: "rediss-cluster://[::1]:1", Addrs: []string{"[::1]:1"}, TLS: true}},
		{"embedded:data", reading{Kind: Embedded, Display: "embedded:" + here}},
		{"embedded:///var/lib/rollcall", reading{Kind: Embedded, Display: "embedded:/var/lib/rollcall"}},
		{"memory:", reading{Kind: Memory, Display: "memory:"}},
	} {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			a, err := parse(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			o := a.options
			got := reading{
				a.kind, a.display, o.Addrs, o.DB, o.Username, o.Password, o.MasterName, o.SentinelPassword, o.TLSConfig != nil,
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if Display(tt.url) != tt.want.Display || Valid(tt.url) != nil {
				t.Errorf("Display, Valid = %q, %v", Display(tt.url), Valid(tt.url))
			}
		})
	}
}

func TestAWrongAddressIsExplainedAndNeverRepeated(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "localhost", "http://u:hush@h", "redis://u:hush@h:port/0", "redis://u:hush@h:1/x", "redis://u:hush@h/0?nope=1",
		"redis-cluster://u:hush@a:1,,b:2", "redis-cluster://u:hush@a:1/3", "redis-cluster://u:hush@a:1?db=3",
		"redis-sentinel://u:hush@a:1", "redis-sentinel://u:hush@a:1/m/n", "redis-sentinel:hush", "embedded:", "unix://",
		"redis://u:hu%zzsh@h", "redis-cluster://u:hu%zzsh@h", "redis-cluster://u:hush@a:b:c",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			err := Valid(url)
			if !errors.Is(err, ErrBadURL) || errors.Is(err, ErrUnreachable) {
				t.Fatalf("Valid = %v, want ErrBadURL and not ErrUnreachable", err)
			}
			for _, secret := range []string{"hush", "hu%zzsh"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(Display(url), secret) {
					t.Errorf("the password is shown: %v, %s", err, Display(url))
				}
			}
			if !strings.Contains(err.Error(), "redis-sentinel://") {
				t.Errorf("the error does not say how it is written: %v", err)
			}
		})
	}
}
