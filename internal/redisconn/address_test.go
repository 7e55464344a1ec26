package redisconn

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse_AnAddressIsShownWithoutItsPassword(t *testing.T) {
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
		{"unix:///run/redis.sock", reading{Kind: Single, Display: "unix:///run/redis.sock", Addrs: []string{"/run/redis.sock"}}},
		{"unix:///run/redis.sock?db=2", reading{Kind: Single, Display: "unix:///run/redis.sock?db=2", Addrs: []string{"/run/redis.sock"}, DB: 2}},
		{"redis-sentinel://bob:hush@a:1,b:2/mine?db=4&sentinel_password=shh", reading{
			Kind: Sentinel, Display: "redis-sentinel://bob:xxxxx@a:1,b:2/mine?db=4",
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
			a, err := parse(tt.url, Access{})
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
			if Display(tt.url, Access{}) != tt.want.Display || Valid(tt.url, Access{}) != nil {
				t.Errorf("Display, Valid = %q, %v; want %q, nil", Display(tt.url, Access{}), Valid(tt.url, Access{}), tt.want.Display)
			}
		})
	}
}

func TestParse_AWrongAddressIsExplainedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "localhost", "http://u:hush@h", "redis://u:hush@h:port/0", "redis://u:hush@h:1/x", "redis://u:hush@h/0?nope=1",
		"redis-cluster://u:hush@a:1,,b:2", "redis-cluster://u:hush@a:1/3", "redis-cluster://u:hush@a:1?db=3",
		"redis-sentinel://u:hush@a:1", "redis-sentinel://u:hush@a:1/m/n", "redis-sentinel:hush", "embedded:", "unix://",
		"redis://u:hu%zzsh@h", "redis-cluster://u:hu%zzsh@h", "redis-cluster://u:hush@a:b:c", "hush:x@h", "redis://hush@h",
		"redis://h/0?db=hush", "redis://h/hush", "redis-sentinel://h/m?dial_timeout=hush", "redis://:@h", "redis://u:hush@/0?protocol=x",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			refused(t, url, "hush", "hu%zzsh")
			if err := Valid(url, Access{}); !strings.Contains(err.Error(), "redis-sentinel://") {
				t.Errorf("got %v, want an error that shows how addresses are written", err)
			}
		})
	}
}

// refused fails unless the address is refused and neither the error nor Display shows a secret.
func refused(t *testing.T, url string, secrets ...string) {
	t.Helper()
	err := Valid(url, Access{})
	if !errors.Is(err, ErrBadURL) || errors.Is(err, ErrUnreachable) {
		t.Errorf("Valid(%s) = %v, want ErrBadURL and not ErrUnreachable", url, err)
		return
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) || strings.Contains(Display(url, Access{}), secret) {
			t.Errorf("%s: the error or Display shows %q: %v, %s", url, secret, err, Display(url, Access{}))
		}
	}
}

func TestParse_APasswordThatIsNotPercentEncodedIsRefusedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	for _, form := range []string{
		"redis://:%s@h:6379/0", "redis://user:%s@h:6379/0", "rediss://:%s@h", "unix://:%s@/run/redis.sock", "unix://u:%s@/run/redis.sock?db=1",
		"redis-sentinel://:%s@a:1,b:2/m", "redis-sentinel://u:%s@a/m?db=1", "redis-sentinel://a/m?sentinel_password=%s@x", "redis-cluster://:%s@a:1,b:2", "rediss-cluster://u:%s@a",
	} {
		for _, sign := range []string{"/", "?", "#", "@", "%", "%zz"} {
			// Digits before the sign can be read as a port, and what follows it as a path, a query or a fragment.
			for _, halves := range [][2]string{{"planted", "needle"}, {"6379", "needle"}, {"", "needle"}, {"planted", "1"}, {"12345", "6"}} {
				password := halves[0] + sign + halves[1]
				url := strings.Replace(form, "%s", password, 1)
				refused(t, url, "planted", "needle", "12345", "sentinel_password", password)
				if got := Valid(url, Access{}); got != nil && !strings.Contains(got.Error(), "percent-encoded") {
					t.Errorf("%s: got %v, want an error that says percent-encoded", url, got)
				}
			}
		}
	}
}

func TestParse_APasswordBesideTheAddressIsUsedUnchanged(t *testing.T) {
	t.Parallel()
	const password = "a/b?c#d@e%f+g="
	for _, url := range []string{"redis://user@h:1/2", "redis-cluster://user@h:1", "redis-sentinel://user@h:1/m", "redis://user:@h:1"} {
		access := Access{Password: password}
		a, err := parse(url, access)
		if err != nil || a.options.Username != "user" || a.options.Password != password || !strings.Contains(a.display, "user:xxxxx@h:1") {
			t.Errorf("%s: got %+v, %v; want the user and the password unchanged, and no password shown", url, a, err)
			continue
		}
		again, err := parse(access.with(url), Access{})
		if d := cmp.Diff(a.options.Password, again.options.Password); err != nil || d != "" || again.display != a.display {
			t.Errorf("%s passed to another process: got %s, %v; password (-want +got):\n%s", url, again.display, err, d)
		}
	}
	if err := Valid("redis://u:planted@h", Access{Password: "needle"}); !errors.Is(err, ErrBadURL) || strings.Contains(err.Error(), "planted") || strings.Contains(err.Error(), "needle") {
		t.Errorf("two passwords: got %v, want ErrBadURL without either", err)
	}
	if err := Valid("redis://h", Access{TLS: Certificates{ServerName: "x"}}); !errors.Is(err, ErrBadURL) || !strings.Contains(err.Error(), "rediss://") {
		t.Errorf("certificates without TLS: got %v, want ErrBadURL that names rediss://", err)
	}
}
