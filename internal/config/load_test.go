package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// env returns an environment of these variables.
func env(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := pairs[name]; return v, ok }
}

var testEnv = env(map[string]string{
	"REDIS_PASSWORD": "planted-redis", "ZAPI_ALPHA_TOKEN": "planted-token", "ZAPI_CLIENT": "planted-client",
	"ALPHA_HOOK": "planted-hook-secret", "CRM_KEY_HASH": "sha256:5e886266e7ae2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a", "HOOK_SECRET": "whsec_" + "cGxhbnRlZC13ZWJob29rLXNlY3JldC10ZXh0",
})

func mustLoad(t *testing.T, text string, flags ...Flag) *Config {
	t.Helper()
	c, err := decode("rollcall.yaml", []byte(text), testEnv, flags)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

func TestLoad_ReadsTheWholeFile(t *testing.T) {
	t.Parallel()
	c, err := Load("testdata/full.yaml", testEnv)
	if err != nil {
		t.Fatal(err)
	}
	saoPaulo, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	pacing := Pacing{
		Zone: saoPaulo, ZoneGiven: true, CreateQuiet: &QuietHours{From: TimeOfDay(21 * time.Hour), To: TimeOfDay(7 * time.Hour)},
		Create: Pace{5 * time.Minute, 0.2, 20}, Invite: Pace{45 * time.Second, 0.5, 20},
	}
	timeouts := Timeouts{90 * time.Second, 30 * time.Second, 30 * time.Second}
	want := &Config{
		Path:  "testdata/full.yaml",
		Redis: Redis{URL: NewSecret("redis://rollcall@127.0.0.1:6379/0"), Password: NewSecret("planted-redis"), RequireDurable: true, WaitReplicas: 1},
		Instances: []Instance{{
			Name: "alpha", Provider: "zapi", BaseURL: "https://api.z-api.io", InstanceID: "I1", Credentials: map[string]Secret{"token": NewSecret("planted-token"), "client_token": NewSecret("planted-client")}, Pools: []string{"default"}, InviteVia: ViaText, Pacing: pacing, Timeouts: timeouts,
			RateLimits: LimitsDocumented, HookSecret: NewSecret("planted-hook-secret"),
		}, {
			Name: "beta", Provider: "greenapi", BaseURL: "https://7105.api.greenapi.com", InstanceID: "7105000001", Credentials: map[string]Secret{"token": NewSecret("beta-secret-text")},
			Pools: []string{"default", "vip"}, InviteVia: ViaText, Pacing: pacing, Timeouts: timeouts, RateLimits: LimitsDocumented,
		}},
		Pools: map[string]Pool{"vip": {
			Region: "BR", Organisation: "Escola Aurora",
			InviteMessage: "{{.Organisation}}: join {{.GroupName}} with {{.Link}} (answer this message if the link does not open)",
			Setup: tasks.Setup{
				Photo: "https://school.example.com/logo.jpg", Description: "Notices for parents. Questions go to the office.",
				Admins: &tasks.Admins{People: []tasks.Phone{"+5544999990001"}}, WelcomeMessage: "Welcome to {{.GroupName}}!",
				Settings: &tasks.Settings{OnlyAdminsSend: new(true), OnlyAdminsEdit: new(true), OnlyAdminsAdd: new(false), ApproveJoins: new(true)},
			},
			Always: []phone.Number{"+5544999990001", "+5544999990002"},
		}},
		Verify:   Verify{[]time.Duration{10 * time.Second, time.Minute, 2 * time.Minute, 6 * time.Minute}, Recreate},
		RollCall: RollCall{[]time.Duration{10 * time.Second, time.Minute}},
		Joins:    Joins{[]time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}},
		OnLeave:  LeaveGroup,
		Retry:    Retry{2 * time.Second, 2, 0.2, 10 * time.Minute, 24 * time.Hour},
		Rest:     Rest{time.Hour, 2, 24 * time.Hour},
		Invite: Invite{
			Message:    "Hello! The group \"{{.GroupName}}\" is ready.\nJoin here: {{.Link}}\n",
			QuietHours: &QuietHours{From: TimeOfDay(21 * time.Hour), To: TimeOfDay(8 * time.Hour)},
		},
		Retention: 2160 * time.Hour, AuditRetention: 8760 * time.Hour,
		API: API{Listen: "127.0.0.1:8080", Health: "off", Limits: usualLimits(), Keys: []APIKey{{
			Name: "crm", Hash: "sha256:5e886266e7ae2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a", Role: Operator,
		}}},
		Webhooks: []Webhook{{
			URL: NewSecret("https://crm.example.com/hook"), Secret: NewSecret("whsec_cGxhbnRlZC13ZWJob29rLXNlY3JldC10ZXh0"),
			Events: []string{"group.*", "batch.completed"},
		}},
		WebhookDelivery: Default().WebhookDelivery,
	}
	if d := cmp.Diff(want, c, sameZone); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"default", "vip"}, c.PoolNames()); d != "" {
		t.Error(d)
	}
}

func TestDecode_AKeyLeftOutHasItsDefault(t *testing.T) {
	t.Parallel()
	full, err := Load("testdata/full.yaml", testEnv)
	if err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, "instances: [{name: alpha, provider: zapi, instance_id: I1, token: t}]\nwebhooks: [{url: https://crm.example.com/hook, secret: abcdefghijklmnopqrstuvwx}]")
	in, alpha := c.Instances[0], full.Instances[0]
	alpha.Credentials, alpha.HookSecret = map[string]Secret{"token": NewSecret("t")}, Secret{}
	alpha.Pacing.Zone, alpha.Pacing.ZoneGiven, alpha.Pacing.CreateQuiet = LocalZone(), false, nil
	if d := cmp.Diff(alpha, in, sameZone); d != "" {
		t.Error(d)
	}
	// full.yaml writes out the defaults, except for keys without one and for the message.
	if c.Redis.URL.Reveal() != "redis://127.0.0.1:6379/0" || c.Redis.RequireDurable || c.Invite.QuietHours != nil || c.API.Keys != nil {
		t.Errorf("redis = %q, invite = %+v, api = %+v", c.Redis.URL.Reveal(), c.Invite, c.API)
	}
	full.Redis, full.Instances, full.Webhooks, full.Path, full.Pools = c.Redis, c.Instances, c.Webhooks, c.Path, nil
	full.Invite, full.API = c.Invite, API{Listen: "127.0.0.1:8080", Health: "off", Limits: usualLimits()}
	if d := cmp.Diff(full, c, sameZone); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"group.*", "batch.completed"}, c.Webhooks[0].Events); d != "" {
		t.Error(d)
	}
	if !strings.Contains(c.Invite.Message, "{{.Link}}") {
		t.Errorf("default message = %q", c.Invite.Message)
	}
	bare := Default()
	c.Instances, c.Webhooks, c.Path = nil, nil, ""
	if d := cmp.Diff(c, bare, sameZone); d != "" {
		t.Error(d)
	}
}

// TestLoad_ReportsEveryFault reads the files of testdata/faults, each named for its fault, and
// compares the reports with golden files.
func TestLoad_ReportsEveryFault(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			_, err := Load(file, testEnv)
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("Load = %v, want Faults", err)
			}
			for _, f := range faults {
				if f.Line == 0 || f.What == "" || f.Remedy == "" {
					t.Errorf("a fault without line, sentence or remedy: %+v", f)
				}
			}
			if strings.Contains(err.Error(), "planted") {
				t.Errorf("a secret is shown: %v", err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

func TestLoad_WarnsOfALikelyMistake(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/warnings/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			c, err := Load(file, testEnv)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, w := range c.Warnings {
				b.WriteString(w.String() + "\n")
			}
			if strings.Contains(b.String(), "planted") {
				t.Errorf("a secret is shown: %s", b.String())
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", b.String())
		})
	}
}

func TestDecode_AFlagWinsOverTheEnvironmentAndThatOverTheFile(t *testing.T) {
	t.Parallel()
	const file = "redis: {url: 'redis://file:1'}"
	set := env(map[string]string{"ROLLCALL_REDIS_URL": "redis://env:1"})
	flag := Flag{Key: "redis.url", Name: "--redis", Value: "redis://flag:1"}
	for _, tt := range []struct {
		name  string
		env   func(string) (string, bool)
		flags []Flag
		want  string
	}{
		{"file", env(nil), nil, "redis://file:1"},
		{"environment", set, nil, "redis://env:1"},
		{"empty environment", env(map[string]string{"ROLLCALL_REDIS_URL": ""}), nil, "redis://file:1"},
		{"flag", set, []Flag{flag}, "redis://flag:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := decode("f", []byte(file), tt.env, tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Redis.URL.Reveal(); got != tt.want {
				t.Errorf("url = %s, want %s", got, tt.want)
			}
		})
	}
	t.Run("a faulty value names its source", func(t *testing.T) {
		t.Parallel()
		_, err := decode("f", []byte(file), env(map[string]string{"ROLLCALL_RETENTION": "90d"}),
			[]Flag{{"redis.url", "--redis", "planted://x"}, {"api.listen", "--listen", "nowhere"}})
		for _, want := range []string{"--redis: redis.url: ", "$ROLLCALL_RETENTION: retention: ", "write 2160h", "--listen: api.listen: "} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in:\n%v", want, err)
			}
		}
		if strings.Contains(err.Error(), "planted") {
			t.Errorf("the address is shown: %v", err)
		}
	})
	t.Run("a value that a flag replaces may be faulty", func(t *testing.T) {
		t.Parallel()
		if _, err := decode("f", []byte("redis: {url: '${MISSING}'}"), env(nil), []Flag{flag}); err != nil {
			t.Error(err)
		}
	})
}

func TestDecode_OffIsAWordWithAndWithoutQuotes(t *testing.T) {
	t.Parallel()
	for _, off := range []string{"off", `"off"`, "'off'"} {
		c := mustLoad(t, "instances: [{name: a, provider: zapi, instance_id: i, token: t, rate_limits: "+off+"}]")
		if got := c.Instances[0].RateLimits; got != LimitsOff {
			t.Errorf("rate_limits: %s is read as %q, want %q", off, got, LimitsOff)
		}
	}
}

func TestDecode_FillsInVariablesAndTheirEscape(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "invite: {message: 'costs R${{.GroupName}} and $${X}: {{.Link}}'}\nretention: ${HOURS}h", Flag{Key: "retention", Name: "--x", Value: "5h"})
	if want := "costs R${{.GroupName}} and ${X}: {{.Link}}"; c.Invite.Message != want {
		t.Errorf("message = %q, want %q", c.Invite.Message, want)
	}
	c, err := decode("f", []byte("retention: ${HOURS}h"), env(map[string]string{"HOURS": "7"}), nil)
	if err != nil || c.Retention != 7*time.Hour {
		t.Errorf("got %v, %v, want a retention of 7h", c, err)
	}
}

func TestDecode_AMergedMappingFillsInTheKeysLeftOut(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `
instances:
  - &a {name: a, provider: zapi, base_url: "http://127.0.0.1:1/", instance_id: i, token: t, pools: [x]}
  - <<: *a
    name: b
    instance_id: j
`)
	if b := c.Instances[1]; b.Name != "b" || b.InstanceID != "j" || b.Pools[0] != "x" || b.BaseURL != "http://127.0.0.1:1" {
		t.Errorf("got %+v, want its own name and id, and the rest of a", b)
	}
}

func TestDecode_AnEmptyFileAndEmptySectionsHaveTheDefaults(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing\n", "---\n", "redis:\ninstances:\napi:\n", "\ufeffredis: {}\n"} {
		c := mustLoad(t, text)
		c.Path = ""
		if d := cmp.Diff(Default(), c, sameZone); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

func TestLoad_AMissingFileIsAFaultWithARemedy(t *testing.T) {
	t.Parallel()
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), testEnv)
	if err == nil || !strings.Contains(err.Error(), "--config") || strings.Contains(err.Error(), "open ") {
		t.Errorf("Load = %v, want the advice to give --config, without the words of the system", err)
	}
}

func TestLoad_AnUnusableSecretFileIsAFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("empty", "\n")
	write("large", strings.Repeat("x", maxSecret+1))
	write("windows", "line-end\r\n")
	for name, want := range map[string]string{"empty": "is empty", "large": "larger than", "none": "cannot be read", ".": "cannot be read", "windows": ""} {
		write(name+".yaml", "instances: [{name: a, provider: zapi, instance_id: i, token_file: '"+name+"'}]")
		c, err := Load(filepath.Join(dir, name+".yaml"), testEnv)
		if want == "" {
			if err != nil || c.Instances[0].Credentials["token"].Reveal() != "line-end" {
				t.Errorf("%s: got %v, want the secret without its line end", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestWebhookWants_WhatItsPatternsName(t *testing.T) {
	t.Parallel()
	w := Webhook{Events: []string{"group.*", "batch.completed"}}
	for event, want := range map[string]bool{"group.created": true, "batch.completed": true, "member.joined": false, "instance.state": false} {
		if got := w.Wants(event); got != want {
			t.Errorf("Wants(%s) = %v, want %v", event, got, want)
		}
	}
}

func TestFields_EachIsWellFormed(t *testing.T) {
	t.Parallel()
	var look func(path string, all []field)
	look = func(path string, all []field) {
		for _, f := range all {
			at := join(path, f.name)
			kinds := 0
			for _, is := range []bool{f.read != nil, f.secret != nil, f.fields != nil, f.open != nil, f.named != nil} {
				if is {
					kinds++
				}
			}
			if kinds != 1 || f.name == "" || !strings.HasSuffix(f.doc, ".") || f.required && f.dflt != "" {
				t.Errorf("%s: got %d kinds, the doc %q, required %v and the default %q; want one kind, a doc with a full stop, and no default if required", at, kinds, f.doc, f.required, f.dflt)
			}
			look(at, f.children())
		}
	}
	look("", new(Config).fields())
	if n := reflect.TypeFor[Config]().NumField(); n != len(new(Config).fields())+2 {
		t.Errorf("Config has %d fields, the table %d: want all but Path and Warnings in it", n, len(new(Config).fields()))
	}
}

func usualLimits() APILimits {
	return APILimits{Connections: 2048, PerSource: 256, PerKey: 256, Streams: 512, StreamsPerSource: 64, StreamsPerKey: 64}
}
