package workercmd_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
)

func TestSimulate_ServesBothProvidersUntilASignal(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	p.start("simulate", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--personality", "kind", "--output", "json")
	p.says("Ctrl-C ends it")
	var doc struct {
		BaseURL, ControlURL string
		Instances           []struct{ Provider, InstanceID, Token, ClientToken string }
	}
	if err := json.Unmarshal([]byte(p.out.String()), &doc); err != nil || len(doc.Instances) != 2 {
		t.Fatalf("%v in:\n%s", err, p.out.String())
	}
	z, g := doc.Instances[0], doc.Instances[1]
	post(t, doc.BaseURL+"/instances/"+z.InstanceID+"/token/"+z.Token+"/create-group", z.ClientToken, `{"groupName": "Z", "phones": ["5544999999999"], "autoInvite": false}`)
	post(t, doc.BaseURL+"/waInstance"+g.InstanceID+"/createGroup/"+g.Token, "", `{"groupName": "G", "chatIds": ["79001234568@c.us"]}`)
	if text := get(t, doc.ControlURL+"/groups"); !strings.Contains(text, `"name":"Z"`) || !strings.Contains(text, `"name":"G"`) {
		t.Errorf("the control port lists %s, want the groups Z and G", text)
	}
	truth := regexp.MustCompile(`(?m)^curl -s (http://\S+)$`).FindStringSubmatch(p.err.String())
	if truth == nil || !strings.Contains(get(t, truth[1]), `"groups":[{`) {
		t.Errorf("simulate prints the address %q, want one that lists the groups", truth)
	}
	p.signals <- syscall.SIGINT
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit %d, want 0", code)
	}
}

func TestSimulate_PrintsAConfigurationThatWorks(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	p.start("simulate", "--listen", "127.0.0.1:0", "--control", "off", "--instances", "3", "--personality", "kind", "--rate-limits", "off", "--time-scale", "0.01")
	p.says("Ctrl-C ends it")
	check := newProcess(t)
	path := file(t, "rollcall.yaml", p.out.String())
	if code := check.run("check", "--redis", redisInMemory(t), "--config", path); code != cli.Done {
		t.Errorf("check: exit %d, want 0:\n%s%s", code, check.out.String(), check.err.String())
	}
	// With --config, simulate serves the instances of a configuration and does not show its tokens.
	again := newProcess(t)
	again.start("simulate", "--listen", "127.0.0.1:0", "--control", "off", "--config", path)
	again.says("Ctrl-C ends it")
	if text := again.out.String(); strings.Contains(text, "sim-token") || !strings.Contains(text, "set their base_url") {
		t.Errorf("want the advice to set base_url, and no token, in:\n%s", text)
	}
}

func TestSimulate_RefusesUnusableFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--personality", "kindly"},
		{"--rate-limits", "some"},
		{"--time-scale", "0"},
		{"--time-scale", "NaN"},
		{"--time-scale", "Inf"},
		{"--instances", "0"},
		{"--listen", ""},
	} {
		p := newProcess(t)
		if code := p.run(append([]string{"simulate", "--listen", "127.0.0.1:0", "--control", "off"}, args...)...); code != cli.BadUsage {
			t.Errorf("%v: exit %d, want 2", args, code)
		}
	}
}

func post(t *testing.T, url, clientToken, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Client-Token", clientToken)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", url, res.Status)
	}
}
