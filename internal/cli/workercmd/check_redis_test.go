package workercmd_test

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestWorker_NoCommandShowsAPasswordThatIsNotPercentEncoded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, password := range []string{"planted/needle", "planted?needle", "planted#needle", "planted@needle", "planted%zzneedle", "6379/needle", "6379?needle", "6379#needle"} {
		for _, args := range [][]string{{"check"}, {"check", "-o", "json"}, {"run", "--listen", "off"}, {"dev", "--listen", "off", "--exit-when-done"}} {
			for _, place := range []string{"file", "flag", "variable"} {
				url := "redis://user:" + password + "@127.0.0.1:1/0"
				p := newProcess(t)
				all := append(args, "--config", file(t, "rollcall.yaml", w.yaml("redis://127.0.0.1:1/0")))
				switch place {
				case "file":
					all[len(all)-1] = file(t, "rollcall.yaml", w.yaml(url))
				case "flag":
					all = append(all, "--redis", url)
				case "variable":
					p.env["ROLLCALL_REDIS_URL"] = url
				}
				if code := p.run(all...); code != cli.BadUsage {
					t.Errorf("%v with %s in the %s: exit %d, want 2", args, password, place, code)
				}
				said := p.out.String() + p.err.String()
				if strings.Contains(said, "needle") || strings.Contains(said, "planted") || !strings.Contains(said, "percent-encoded") {
					t.Errorf("%v with %s in the %s: want the advice to percent-encode, and no password:\n%s", args, password, place, said)
				}
			}
		}
	}
}

func TestCheck_AnyPasswordWorksInItsOwnVariable(t *testing.T) {
	t.Parallel()
	const password = "pW/a+Zk/9u0=@#?%"
	s := testutil.RealRedis(t, "--requirepass", password)
	w := newWorld(t)
	p := newProcess(t)
	p.env["ROLLCALL_REDIS_PASSWORD"] = password
	if code := p.run("check", "--config", file(t, "rollcall.yaml", w.yaml(s.URL()))); code != cli.Done {
		t.Errorf("exit %d, want 0:\n%s%s", code, p.out.String(), p.err.String())
	}
	if said := p.out.String() + p.err.String(); strings.Contains(said, password) || !strings.Contains(said, "redis://:xxxxx@") {
		t.Errorf("want the address with a masked password:\n%s", said)
	}
}

func TestCheck_ARedisWithoutTheRightsThatARunNeedsIsFaulty(t *testing.T) {
	t.Parallel()
	s := testutil.RealRedis(t)
	if err := s.Client().Do(t.Context(), "ACL", "SETUSER", "narrow", "on", ">planted", "~rollcall:*", "~asynq:*", "resetchannels", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	path := file(t, "rollcall.yaml", w.yaml("redis://narrow:planted@"+s.Addr))
	for _, args := range [][]string{{"check"}, {"run", "--listen", "off"}} {
		p := newProcess(t)
		if code := p.run(append(args, "--config", path)...); code != cli.BadUsage {
			t.Errorf("%v: exit %d, want 2", args, code)
		}
		said := p.out.String() + p.err.String()
		want(t, said, "keys {pace:*", "the channel rollcall:bell", "NOPERM", "ACL LOG")
		if args[0] == "check" {
			want(t, said, "A run would not start.", "redis://narrow:xxxxx@"+s.Addr)
		}
		if strings.Contains(said, "planted") {
			t.Errorf("the password is shown: %s", said)
		}
	}
}

func TestCheck_UsesTheConfiguredCertificatesForTLS(t *testing.T) {
	t.Parallel()
	ca := testutil.NewAuthority(t)
	s := testutil.TLSRedis(t, ca.File, ca.Issue(t, time.Hour, "redis.example"))
	client := ca.Issue(t, time.Hour, "worker")
	w := newWorld(t)
	yaml := strings.Replace(w.yaml(s.TLSURL()), `/0"}`, `/0", tls: {ca_file: `+ca.File+`, cert_file: `+client.CertFile+`, key_file: `+client.KeyFile+`, server_name: redis.example}}`, 1)
	p := newProcess(t)
	if code := p.run("check", "--config", file(t, "rollcall.yaml", yaml)); code != cli.Done {
		t.Errorf("exit %d, want 0:\n%s%s", code, p.out.String(), p.err.String())
	}
	p = newProcess(t)
	if code := p.run("check", "--config", file(t, "rollcall.yaml", w.yaml(s.TLSURL()))); code != cli.Unreachable {
		t.Errorf("without them exit %d, want 5:\n%s", code, p.out.String())
	}
	want(t, p.out.String(), "redis.example, not 127.0.0.1", "redis.tls.server_name")
}

func TestCheck_AnInstallationsRedisNeedsItsEncryptionKey(t *testing.T) {
	t.Parallel()
	right, wrong := encryptionKey("k1"), encryptionKey("k2")
	w := newWorld(t)
	redis := testutil.Connect(t, "memory:")
	config := file(t, "rollcall.yaml", w.yaml(redis.Shared()))
	check := func(key string, code int, says string) {
		t.Helper()
		p := newProcess(t)
		p.env["ROLLCALL_REDIS_ENCRYPTION_KEY"] = key
		if got := p.run("check", "--config", config); got != code {
			t.Errorf("exit %d, want %d", got, code)
		}
		want(t, p.out.String(), says)
	}
	check(wrong, cli.Done, "A run would work.")
	if n, err := redis.Client().DBSize(t.Context()).Result(); err != nil || n > 0 {
		t.Fatalf("check left %d keys (%v), want none", n, err)
	}
	if _, err := store.Open(t.Context(), redis.Client(), store.Options{EncryptionKey: right}); err != nil {
		t.Fatal(err)
	}
	check(right, cli.Done, "A run would work.")
	check(wrong, cli.BadUsage, `sealed with the key "k1"`)
	check("", cli.BadUsage, "redis.encryption_key is not set")
}

// encryptionKey returns a new encryption key with an id.
func encryptionKey(id string) string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return id + ":" + base64.StdEncoding.EncodeToString(key)
}

func TestCheck_NamesTheKeyThatHoldsAnotherTypeOfValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for key, ends := range map[string]bool{
		"rollcall:installation": true, "rollcall:instances": true, "rollcall:secret": true,
		"rollcall:numbers": false, "asynq:queues": false,
	} {
		redis := testutil.Connect(t, "memory:")
		if err := redis.Client().RPush(t.Context(), key, "x").Err(); err != nil {
			t.Fatal(err)
		}
		path := file(t, "rollcall.yaml", w.yaml(redis.Shared()))
		p := newProcess(t)
		if code := p.run("check", "--config", path); code != cli.BadUsage {
			t.Errorf("%s: check ends with %d, want 2", key, code)
		}
		want(t, p.out.String(), key, "holds another type of value")
		if ends {
			p = newProcess(t)
			if code := p.run("run", "--listen", "off", "--config", path); code != cli.BadUsage {
				t.Errorf("%s: run ends with %d, want 2", key, code)
			}
			want(t, p.err.String(), key, "holds another type of value")
		}
	}
}

func TestCheck_SaysThatRedisDoesNotHoldTheConfiguredInstallation(t *testing.T) {
	t.Parallel()
	const configured = "ins_01a231e1-1742-7efb-9db8-75caebc77a9c"
	w := newWorld(t)
	redis := testutil.Connect(t, "memory:")
	check := func(code int, says string) {
		t.Helper()
		yaml := strings.Replace(w.yaml(redis.Shared()), `redis: {`, `redis: {installation: `+configured+`, `, 1)
		p := newProcess(t)
		if got := p.run("check", "--config", file(t, "rollcall.yaml", yaml)); got != code {
			t.Errorf("exit %d, want %d:\n%s", got, code, p.err.String())
		}
		want(t, p.out.String(), says)
	}
	check(cli.BadUsage, "it was emptied or replaced")
	hold := func(id string) {
		t.Helper()
		if err := redis.Client().HSet(t.Context(), "rollcall:installation", "id", id).Err(); err != nil {
			t.Fatal(err)
		}
	}
	hold("ins_other")
	check(cli.BadUsage, "another installation")
	hold(configured)
	check(cli.Done, "A run would work.")
}
