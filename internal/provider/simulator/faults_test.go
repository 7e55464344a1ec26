package simulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestFaults_DoWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	noAnswer := func(a answer) bool { return a.err != nil }
	status := func(want int) func(answer) bool {
		return func(a answer) bool { return a.err == nil && a.status == want }
	}
	cases := map[string]struct {
		created bool
		seen    func(answer) bool
	}{
		"500-but-created":            {true, status(500)},
		"500-not-created":            {false, status(500)},
		"502-but-created":            {true, status(502)},
		"502-not-created":            {false, status(502)},
		"hang-but-created":           {true, noAnswer},
		"hang-not-created":           {false, noAnswer},
		"reset-before":               {false, wasReset},
		"reset-after":                {true, wasReset},
		"torn-body":                  {true, func(a answer) bool { return errors.Is(a.err, io.ErrUnexpectedEOF) && a.status == 200 && a.raw != "" }},
		"empty-200":                  {true, func(a answer) bool { return a.err == nil && a.status == 200 && a.raw == "" }},
		"empty-200-not-created":      {false, func(a answer) bool { return a.err == nil && a.status == 200 && a.raw == "" }},
		"200-error-body":             {false, func(a answer) bool { return a.status == 200 && a.text("error") != "" }},
		"200-error-body-but-created": {true, func(a answer) bool { return a.status == 200 && a.text("error") != "" }},
		"429":                        {false, func(a answer) bool { return a.status == 429 && a.header.Get("Retry-After") == "" }},
		"429-retry-after":            {false, func(a answer) bool { return a.status == 429 && a.header.Get("Retry-After") == "2" }},
		"466":                        {false, status(466)},
		"401-as-200":                 {false, func(a answer) bool { return a.status == 200 && a.text("description") == "Unauthorized" }},
		"rate-overlimit":             {false, func(a answer) bool { return a.status == 500 && strings.Contains(a.raw, "rate overlimit") }},
		"rate-overlimit-but-created": {true, func(a answer) bool { return a.status == 500 && strings.Contains(a.raw, "rate overlimit") }},
		"starting":                   {false, status(400)},
		"client-token-400":           {false, func(a answer) bool { return a.status == 400 && strings.Contains(a.raw, "client-token") }},
		"499":                        {false, status(499)},
		"created-false":              {false, func(a answer) bool { return a.status == 200 && a.at("created") == false }},
		"created-false-but-created":  {true, func(a answer) bool { return a.status == 200 && a.at("created") == false }},
		"no":                         {true, status(200)}, // concerns changes of a group
		"no-but-done":                {true, status(200)},
		"slow":                       {true, status(200)},
		"delivery-failed":            {true, status(200)}, // concerns messages, not calls
	}
	for _, name := range simulator.FaultNames() {
		if _, ok := cases[name]; !ok {
			t.Errorf("fault %s has no case here", name)
		}
	}
	for name, c := range cases {
		for _, provider := range []string{simulator.ZAPI, simulator.GreenAPI} {
			t.Run(name+" at "+provider, func(t *testing.T) {
				t.Parallel()
				b := setup(t, nil)
				short := simulator.Duration(20 * time.Millisecond)
				b.script(simulator.Script{Fault: name, Method: "create", Hold: short, Delay: short})
				create := b.zCreate
				if provider == simulator.GreenAPI {
					create = b.gCreate
				}
				if a := create("G", ana); !c.seen(a) {
					t.Errorf("the client got status %d, body %q, error %v, which is not this fault", a.status, a.raw, a.err)
				}
				b.eventually("the call has ended", func() bool { return !b.sim.Ledger().Calls[0].EndedAt.IsZero() })
				l := b.sim.Ledger()
				b.want("created", len(l.GroupsNamed("G")) == 1, c.created)
				b.want("effect in the ledger", l.Calls[0].Effect, c.created)
				if name != "delivery-failed" && !strings.HasPrefix(name, "no") {
					b.want("fault in the ledger", l.Calls[0].Fault, name)
					b.want("status of the next create", create("H", ana).status, 200)
				}
			})
		}
	}
}

func wasReset(a answer) bool {
	return errors.Is(a.err, syscall.ECONNRESET) || errors.Is(a.err, io.EOF)
}

func TestScript_MatchesOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.script(
		simulator.Script{Fault: "503", Group: "Turma 12"},
		simulator.Script{Fault: "502", Instance: "7105000001", Method: "SENDMESSAGE", Phone: "+7 900 000-00-02"},
		simulator.Script{Fault: "404", Provider: simulator.ZAPI, Method: "members", Times: 2},
		simulator.Script{Fault: "500", Method: "list", Skip: 1, Times: -1},
	)
	b.want("another group", b.zCreate("Turma 13", ana).status, 200)
	group := b.zCreate("Turma 12", ana)
	b.want("the named group", group.status, 503)
	group = b.zCreate("Turma 12", ana)
	b.want("the named group again", group.status, 200)
	b.want("another person", b.g("POST", "sendMessage", map[string]any{"chatId": vera + "@c.us", "message": "m"}).status, 200)
	b.want("the named person", b.g("POST", "sendMessage", map[string]any{"chatId": ivan + "@c.us", "message": "m"}).status, 502)
	got := []int{}
	for range 3 {
		got = append(got, b.z("GET", "light-group-metadata/"+group.text("phone"), nil).status)
	}
	b.want("three reads", got, []int{404, 404, 200})
	got = []int{}
	for range 3 {
		got = append(got, b.g("GET", "getChats", nil).status)
	}
	b.want("three lists", got, []int{200, 500, 500})
	b.sim.ClearScripts()
	b.want("a list after the scripts are cleared", b.g("GET", "getChats", nil).status, 200)
}

func TestScriptAfter_TheGroupComesToExistLater(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.script(simulator.Script{Fault: "500-but-created", After: simulator.Duration(time.Minute)})
	b.want("status", b.gCreate("G", vera).status, 500)
	b.want("at once", len(b.sim.Ledger().Groups), 0)
	b.pass(time.Minute)
	l := b.sim.Ledger()
	b.want("a minute later", len(l.Groups), 1)
	b.want("the call had an effect", l.Calls[0].Effect, true)
}

func TestScript_BodyAndTextReplaceTheDefaults(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.script(
		simulator.Script{Fault: "500-but-created", Text: "rate overlimit"},
		simulator.Script{Fault: "slow", Delay: simulator.Duration(time.Millisecond), Body: json.RawMessage(`{"weird":1}`)},
		simulator.Script{Fault: "delivery-failed", Text: "Whatsapp did not allow sending this message", Code: "SHADOW_BAN"},
	)
	b.want("text", b.gCreate("G", vera).at("message"), "rate overlimit")
	b.want("body", b.gCreate("H", vera).at("weird"), 1)
	b.z("POST", "send-text", map[string]any{"phone": ana, "message": "m"})
	b.pass(time.Minute)
	m := b.sim.Ledger().Messages[0]
	b.want("delivery", []string{m.Status, m.Error}, []string{simulator.MessageFailed, "Whatsapp did not allow sending this message"})
	if err := b.sim.Script(simulator.Script{Fault: "500-but-creatd"}); err == nil {
		t.Error("a misspelt fault was accepted, want an error")
	}
}

func TestLedger_RecordsAClientThatGaveUp(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.impatient()
	b.script(simulator.Script{Fault: "hang-not-created"})
	if a := b.zCreate("G", ana); a.err == nil {
		t.Fatalf("got status %d, want a timeout", a.status)
	}
	b.eventually("the ledger says that the client is gone", func() bool { return b.sim.Ledger().Calls[0].Gone })
	b.want("status in the ledger", b.sim.Ledger().Calls[0].Status, 0)
}

func TestSimulatorClose_EndsHangingCalls(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.script(simulator.Script{Fault: "hang-but-created", Hold: simulator.Duration(time.Hour)})
	done := make(chan answer)
	go func() { done <- b.zCreate("G", ana) }()
	b.eventually("the call has arrived", func() bool { return len(b.sim.Ledger().Calls) == 1 })
	b.sim.Close()
	b.sim.Close()
	if a := <-done; a.err == nil {
		t.Errorf("got status %d after Close, want no answer", a.status)
	}
	b.want("groups", len(b.sim.Ledger().Groups), 0)
	b.want("a later call fails", b.zCreate("H", ana).err != nil, true)
}

func TestConfigSeed_TheSameSeedGivesTheSameFaults(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (faults []string, members int) {
		b := setup(t, func(c *simulator.Config) {
			c.Seed, c.Personality, c.TimeScale = seed, simulator.Hostile, 0.0001
		})
		for n := range 120 {
			b.zCreate("G", "55119700"+string(rune('0'+n%10))+"0001", ana)
		}
		b.eventually("all ended", func() bool {
			return !slices.ContainsFunc(b.sim.Ledger().Calls, func(c simulator.Call) bool { return c.EndedAt.IsZero() })
		})
		l := b.sim.Ledger()
		for _, c := range l.Calls {
			faults = append(faults, c.Fault)
		}
		for _, g := range l.Groups {
			members += len(g.Members)
		}
		return faults, members
	}
	faults, members := run(7)
	again, same := run(7)
	other, _ := run(8)
	if !slices.Equal(faults, again) || members != same {
		t.Errorf("two runs with seed 7 differ: faults %q and %q, %d and %d members", faults, again, members, same)
	}
	if slices.Equal(faults, other) {
		t.Errorf("seeds 7 and 8 give the same faults: %q", faults)
	}
	hit := 0
	for _, f := range faults {
		if f != "" {
			hit++
		}
	}
	if hit < 6 || hit > 48 {
		t.Errorf("hostile: %d of 120 creates misbehaved, want 6 to 48", hit)
	}
}

func TestScript_DeliveryFailedHitsItsProviderAndShareOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		script   simulator.Script
		min, max int // failures of 300
	}{
		{simulator.Script{Provider: simulator.GreenAPI, Times: -1}, 0, 0},
		{simulator.Script{Provider: simulator.ZAPI, Times: -1}, 300, 300},
		{simulator.Script{Share: 0.2}, 40, 80},
	} {
		b := setup(t, nil)
		tt.script.Fault = "delivery-failed"
		b.script(tt.script)
		for range 300 {
			b.z("POST", "send-text", map[string]any{"phone": ana, "message": "hello"})
		}
		b.pass(time.Hour)
		failed := 0
		for _, m := range b.sim.Ledger().Messages {
			if m.Status == simulator.MessageFailed {
				failed++
			}
		}
		if failed < tt.min || failed > tt.max {
			t.Errorf("%+v: %d of 300 messages failed, want %d to %d", tt.script, failed, tt.min, tt.max)
		}
	}
}
