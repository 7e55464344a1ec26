package workercmd_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestCheck_ExitsWithZeroWhereARunWouldWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProcess(t)
	if code := p.run("check", "--config", file(t, "rollcall.yaml", w.yaml(redisInMemory(t)))); code != cli.Done {
		t.Errorf("exit %d, want 0; it said:\n%s", code, p.err.String())
	}
	want(t, p.out.String(), "A run would work.", "instance alpha\tok", "instance beta\tok", "kept in memory only")
}

func TestCheck_SaysWhatIsWrongWithAnInstanceAndHowToMendIt(t *testing.T) {
	t.Parallel()
	yes := true
	other := "another"
	for name, test := range map[string]struct {
		instance string
		state    simulator.State
		says     string
		health   string
	}{
		"Z-API is logged out":              {"Z1", simulator.State{State: "disconnected"}, "scan the QR code in Z-API's panel", "disconnected"},
		"Z-API's session is lost":          {"Z1", simulator.State{State: "restore"}, "restore it in Z-API's panel", "disconnected"},
		"Z-API's phone is offline":         {"Z1", simulator.State{PhoneOffline: &yes}, "put it back on the network", "disconnected"},
		"Z-API's token is wrong":           {"Z1", simulator.State{TokenWrong: &yes}, "check base_url, the instance id, the tokens", "unauthorized"},
		"Z-API's client token is missing":  {"Z1", simulator.State{ClientToken: &other}, "the tokens", "unauthorized"},
		"Z-API is unpaid, yet connected":   {"Z1", simulator.State{State: "expired"}, "subscri", "unauthorized"},
		"GREEN-API is logged out":          {"1101", simulator.State{State: "notAuthorized"}, "scan the QR code in GREEN-API's console", "disconnected"},
		"GREEN-API is starting":            {"1101", simulator.State{State: "starting"}, "five minutes", "starting"},
		"GREEN-API is suspended until …":   {"1101", simulator.State{State: "suspended", For: simulator.Duration(1e15)}, "Until 20", "restricted"},
		"GREEN-API's number is banned":     {"1101", simulator.State{State: "blocked"}, "banned", "restricted"},
		"GREEN-API is unpaid":              {"1101", simulator.State{State: "expired"}, "subscription", "unauthorized"},
		"GREEN-API's token is wrong":       {"1101", simulator.State{TokenWrong: &yes}, "the tokens", "unauthorized"},
		"GREEN-API's instance was deleted": {"1101", simulator.State{State: "deleted"}, "the instance id", "unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if err := w.SetState(test.instance, test.state); err != nil {
				t.Fatal(err)
			}
			path := file(t, "rollcall.yaml", w.yaml(redisInMemory(t)))
			p := newProcess(t)
			if code := p.run("check", "--config", path); code != cli.Failed {
				t.Errorf("exit %d, want 1", code)
			}
			want(t, p.out.String(), "FAULTY", test.says, test.health, "A run would do without 1 of its 2 instances.")
			for _, token := range []string{zapiToken, greenToken} {
				if strings.Contains(p.out.String()+p.err.String(), token) {
					t.Error("a token is shown")
				}
			}
		})
	}
}

func TestCheck_ReportsEverythingInOneDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.SetState("Z1", simulator.State{State: "disconnected"}); err != nil {
		t.Fatal(err)
	}
	p := newProcess(t)
	// Nothing listens on port 1; check asks the instances all the same.
	if code := p.run("check", "--output", "json", "--config", file(t, "rollcall.yaml", w.yaml("redis://127.0.0.1:1/0"))); code != cli.Unreachable {
		t.Errorf("exit %d, want 5", code)
	}
	var doc struct {
		OK     bool
		Config struct {
			OK       bool
			Warnings []struct{ What string }
		}
		Redis struct {
			OK       bool
			Findings []struct{ What, Remedy string }
		}
		Instances []struct {
			Name, State, Reason string
			OK                  bool
		}
	}
	d := json.NewDecoder(strings.NewReader(p.out.String()))
	if err := d.Decode(&doc); err != nil || d.More() {
		t.Fatalf("want one document (%v):\n%s", err, p.out.String())
	}
	if doc.OK || !doc.Config.OK || doc.Redis.OK || len(doc.Redis.Findings) != 1 || len(doc.Instances) != 2 ||
		doc.Instances[0].OK || doc.Instances[0].State != "disconnected" || !doc.Instances[1].OK {
		t.Errorf("got %+v, want one finding of Redis, alpha disconnected and beta ok", doc)
	}
	if len(doc.Config.Warnings) == 0 || !strings.Contains(doc.Config.Warnings[0].What, "GREEN-API's lists") {
		t.Errorf("got the warnings %+v, want that the looks come before GREEN-API's lists", doc.Config.Warnings)
	}
}

func TestCheck_NamesTheAddressOfAnInstanceThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProcess(t)
	yaml := strings.ReplaceAll(w.yaml(redisInMemory(t)), w.url, "http://127.0.0.1:1")
	if code := p.run("check", "--config", file(t, "rollcall.yaml", yaml)); code != cli.Failed {
		t.Errorf("exit %d, want 1", code)
	}
	want(t, p.out.String(), "http://127.0.0.1:1 cannot be reached", "check base_url", "A run would start, and wait for its instances.")
}

func TestCheck_ListsEveryFaultOfAConfiguration(t *testing.T) {
	t.Parallel()
	p, path := newProcess(t), file(t, "rollcall.yaml", faulty)
	if code := p.run("check", "--config", path); code != cli.BadUsage {
		t.Errorf("exit %d, want 2", code)
	}
	want(t, p.out.String(), append(faults, "configuration\tFAULTY\t"+path)...)
}

func TestCheck_WithoutInstancesIsAFault(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	if code := p.run("check", "--redis", redisInMemory(t)); code != cli.BadUsage {
		t.Errorf("exit %d, want 2", code)
	}
	want(t, p.out.String(), "no instances are configured", "A run would not start.")
}

func TestCheck_SaysWhereDaysTurnAndWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := strings.Replace(w.yaml(redisInMemory(t)), "pacing: {", "pacing: {zone: America/Sao_Paulo, ", 1) // alpha's
	p := newProcess(t)
	p.run("check", "--config", file(t, "rollcall.yaml", text))
	want(t, p.out.String(), "days turn in America/Sao_Paulo (pacing.zone)", "days turn in "+config.LocalZone().String()+" (")
	p = newProcess(t)
	p.run("check", "--output", "json", "--config", file(t, "rollcall.yaml", text))
	var c struct {
		Instances []struct{ Zone, ZoneFrom string } `json:"instances"`
	}
	if err := json.Unmarshal([]byte(p.out.String()), &c); err != nil {
		t.Fatal(err)
	}
	if a, b := c.Instances[0], c.Instances[1]; a.Zone != "America/Sao_Paulo" || a.ZoneFrom != "pacing.zone" || b.Zone != config.LocalZone().String() || b.ZoneFrom != config.LocalZoneOrigin() {
		t.Errorf("got the zones %+v, want America/Sao_Paulo of pacing.zone for alpha and the machine's for beta", c.Instances)
	}
}

func TestCheck_AVariableOfTracesThatEndsARunIsAFault(t *testing.T) {
	w := newWorld(t)
	redis := testutil.Connect(t, "memory:")
	path := file(t, "rollcall.yaml", w.yaml(redis.Shared()))
	for name, value := range map[string]string{
		"OTEL_TRACES_SAMPLER":         "planted",
		"OTEL_EXPORTER_OTLP_HEADERS":  "authorization=Bearer planted,x;y",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:planted%zz@127.0.0.1:1",
	} {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", name: value}
			for name, value := range env {
				t.Setenv(name, value) // OpenTelemetry reads the process' own environment
			}
			for _, args := range [][]string{{"check"}, {"run", "--listen", "off"}} {
				p := newProcess(t)
				p.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = env["OTEL_EXPORTER_OTLP_ENDPOINT"]
				if code := p.run(append(args, "--config", path)...); code != cli.BadUsage {
					t.Errorf("%v: exit %d, want 2", args, code)
				}
				said := p.out.String() + p.err.String()
				want(t, said, "OTEL_")
				if strings.Contains(said, "planted") {
					t.Errorf("%v shows the value: %s", args, said)
				}
			}
		})
	}
}
