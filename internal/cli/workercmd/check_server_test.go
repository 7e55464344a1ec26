package workercmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// hosted writes a configuration of one instance on a self-hosted server and returns its path.
func hosted(t *testing.T, provider, base, instance, credentials string) string {
	t.Helper()
	return file(t, "rollcall.yaml", fmt.Sprintf("redis: {url: %q}\ninstances:\n  - {name: gamma, provider: %s, base_url: %q, instance_id: %s, %s}\n",
		redisInMemory(t), provider, base, instance, credentials))
}

func TestCheck_NamesTheSelfHostedServerOrItsFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.AddInstance(simulator.Instance{Provider: simulator.Evolution, ID: "school", Token: "the-key"}); err != nil {
		t.Fatal(err)
	}
	old := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			_, _ = rw.Write([]byte(`{"status":200,"message":"Welcome to the Evolution API, it is working!","version":"2.2.3"}`))
			return
		}
		w.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(old.Close)
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	for name, tt := range map[string]struct {
		base, instance, key string
		code                int
		says                []string
	}{
		"all is well":        {w.url, "school", "the-key", cli.Done, []string{"A run would work.", "Evolution API 2.3.7"}},
		"an old server":      {old.URL, "school", "the-key", cli.Done, []string{"Evolution API 2.2.3", "older than 2.3.7"}},
		"whatsmiau":          {w.url + "/v1", "school", "the-key", cli.Done, []string{"whatsmiau 0.3.2", "at most 25 characters"}},
		"a wrong key":        {w.url, "school", "another", cli.Failed, []string{"refuses the API key"}},
		"no such instance":   {w.url, "none", "the-key", cli.Failed, []string{"no instance of this name"}},
		"another program":    {web.URL, "school", "the-key", cli.Failed, []string{"is not an Evolution API"}},
		"nothing listens":    {"http://127.0.0.1:1", "school", "the-key", cli.Failed, []string{"cannot be reached"}},
		"no scheme":          {"evolution:8080", "school", "the-key", cli.BadUsage, []string{"base_url"}},
		"the manager's page": {w.url + "/manager", "school", "the-key", cli.BadUsage, []string{"base_url"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if code := p.run("check", "--config", hosted(t, "evolution", tt.base, tt.instance, "token: "+tt.key)); code != tt.code {
				t.Errorf("exit %d, want %d:\n%s%s", code, tt.code, p.out.String(), p.err.String())
			}
			said := p.out.String() + p.err.String()
			want(t, said, tt.says...)
			if strings.Contains(said, tt.key) {
				t.Errorf("the key is shown:\n%s", said)
			}
		})
	}
}

func TestCheck_NamesTheVersionOfGowaOrItsFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.AddInstance(simulator.Instance{Provider: simulator.GOWA, ID: "class", Token: "admin:the-password"}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		base, device, pair string
		code               int
		says               string
	}{
		"all is well":      {w.url, "class", "admin:the-password", cli.Done, "GOWA v9.2.0"},
		"a wrong password": {w.url, "class", "admin:another-one", cli.Failed, "refuses the user name and password"},
		"no user name":     {w.url, "class", "the-password", cli.BadUsage, "user:password"},
		"another program":  {w.url + "/v1", "class", "admin:the-password", cli.Failed, "is not GOWA"},
		"no such device":   {w.url, "none", "admin:the-password", cli.Failed, "no device of this name"},
		"no scheme":        {"gowa:3000", "class", "admin:the-password", cli.BadUsage, "base_url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if code := p.run("check", "--config", hosted(t, "gowa", tt.base, tt.device, "token: "+tt.pair)); code != tt.code {
				t.Errorf("exit %d, want %d:\n%s%s", code, tt.code, p.out.String(), p.err.String())
			}
			said := p.out.String() + p.err.String()
			want(t, said, tt.says)
			if strings.Contains(said, tt.pair) {
				t.Errorf("the password is shown:\n%s", said)
			}
		})
	}
}
