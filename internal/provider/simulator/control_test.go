package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// order posts an instruction to the control port.
func (b *bench) order(path string, body any) answer {
	b.t.Helper()
	return b.do(http.MethodPost, b.control+path, map[string]string{"Content-Type": "application/json"}, body)
}

// ask reads from the control port.
func (b *bench) ask(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, b.control+path, nil, nil)
}

func TestControl_ReadsAndChangesTheState(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.want("script", b.order("/script", map[string]any{"instance": "I1", "method": "create-group", "fault": "500-but-created", "times": 2}).at("accepted"), 1)
	b.want("people", b.order("/people", []any{
		map[string]any{"phone": "+55 11 90000-0002", "addable": false, "joinAfter": "30s", "listedAsLid": true},
		map[string]any{"phone": ivan, "hasWhatsApp": false},
	}).at(0, "addable"), false)
	b.want("create", b.zCreate("G", ana, bruno).status, 500)
	b.want("groups", b.ask("/groups?name=G").at(0, "owner"), "I1")
	b.want("calls", b.ask("/calls?instance=I1").at(0, "fault"), "500-but-created")
	b.want("still to come", b.ask("/script").at(0, "times"), 1)
	b.want("joins", b.order("/people", map[string]any{"phone": bruno, "join": "G"}).status, 200)
	b.want("leaves", b.order("/people", map[string]any{"phone": ana, "leave": "*"}).status, 200)
	g := b.sim.Ledger().Groups[0]
	b.want("who is in", []bool{g.Has(ana), g.Has(bruno)}, []bool{false, true})
	b.want("state", b.order("/instances/I1/state", map[string]any{"state": "disconnected", "for": "1m"}).status, 200)
	b.want("state of the instance", b.ask("/instances").at(0, "state"), "notAuthorized")
	b.want("quirks", b.order("/quirks", map[string]any{"contactsLag": "5m", "notAdded": "absent"}).at("contactsLag"), "5m0s")
	b.want("more instances", b.order("/instances", map[string]any{"provider": "greenapi", "id": "7", "token": "t"}).status, 200)
	b.want("health", b.ask("/healthz").at("instances"), 3)
	b.want("no complaints", len(b.ask("/complaints").list()), 0)
	b.do(http.MethodGet, b.url+"/nowhere", nil, nil)
	b.want("a complaint", b.ask("/complaints").at(0, "rule"), "address")
	b.want("the ledger holds the token", strings.Contains(b.ask("/ledger").raw, "z-token"), false)
	b.want("reset", b.order("/reset", map[string]any{"seed": 9, "personality": "hostile"}).status, 200)
	l := b.ask("/ledger")
	b.want("the ledger after the reset", []any{len(l.list("groups")), len(l.list("calls")), l.at("seed"), l.at("personality"), len(l.list("instances"))}, []any{0, 0, 9, "hostile", 3})
}

func TestControl_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for path, body := range map[string]any{
		"/script":             map[string]any{"fault": "500", "tmies": 2},
		"/people":             map[string]any{"phone": "12"},
		"/instances/I1/state": map[string]any{"state": "asleep"},
		"/instances/no/state": map[string]any{"state": "connected"},
		"/instances":          map[string]any{"provider": "zapi", "id": "I1", "token": "t"},
		"/quirks":             map[string]any{"chatsLag": "soon"},
		"/reset":              map[string]any{"personality": "cruel"},
		"/groups/none":        map[string]any{},
	} {
		a := b.order(path, body)
		b.want(path, a.status, 400)
		b.want(path+" says why", a.text("error") != "", true)
	}
}

func TestNew_ReportsEveryFaultOfTheConfiguration(t *testing.T) {
	t.Parallel()
	_, err := simulator.New(simulator.Config{
		Personality: "cruel", TimeScale: -1,
		Instances: []simulator.Instance{{Provider: "waha", ID: "a", Token: "t"}, {Provider: "zapi", ID: "b"}, {Provider: "zapi", ID: "b", Token: "t", Phone: "+1"}},
	})
	for _, want := range []string{"personality", "time scale", "waha", "token", "twice", "digits"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestPeople_AreTheSameInEverySpellingAndEveryRun(t *testing.T) {
	t.Parallel()
	read := func() []any {
		b := setup(t, func(c *simulator.Config) {
			c.Personality, c.Seed = simulator.Realistic, 3
			c.Adjust = func(q *simulator.Quirks) { q.Misbehaviour, q.LatencyMax = 0, q.LatencyMin }
			c.TimeScale = 0.001
		})
		var phones []string
		for n := range 400 {
			phones = append(phones, fmt.Sprintf("55419%08d", 80000000+n*7919))
		}
		return b.z("POST", "phone-exists-batch", map[string]any{"phones": phones}).list()
	}
	first, second := read(), read()
	without, dropped := 0, 0
	for n, v := range first {
		entry, _ := v.(map[string]any)
		again, _ := second[n].(map[string]any)
		if entry["lid"] != again["lid"] || entry["outputPhone"] != again["outputPhone"] {
			t.Fatalf("person %d differs in two runs: %v and %v", n, entry, again)
		}
		if entry["exists"] == false {
			without++
		} else if entry["inputPhone"] != entry["outputPhone"] {
			dropped++
		}
	}
	if without < 2 || without > 30 || dropped < 80 || dropped > 200 {
		t.Errorf("of 400 numbers %d have no WhatsApp (want 2 to 30), %d lose the ninth digit (want 80 to 200)", without, dropped)
	}

	b := setup(t, nil)
	batch := b.z("POST", "phone-exists-batch", map[string]any{"phones": []string{"5541987654321", "554187654321"}})
	b.want("one person", batch.at(0, "lid"), batch.at(1, "lid"))
	b.want("one member", len(b.z("GET", "light-group-metadata/"+b.zCreate("G", "5541987654321", "554187654321").text("phone"), nil).list("participants")), 2)
}

func TestLedger_IsRightWhileManyInstancesCallAtOnce(t *testing.T) {
	t.Parallel()
	const instances, each = 8, 20
	b := setup(t, func(c *simulator.Config) {
		c.Now, c.Instances, c.TimeScale, c.Personality = nil, nil, 0.0001, simulator.Hostile
		c.Adjust = func(q *simulator.Quirks) { q.RateLimits, q.CreateSpacing = false, 0 }
		for n := range instances {
			c.Instances = append(c.Instances, simulator.Instance{Provider: simulator.ZAPI, ID: fmt.Sprint("I", n), Token: "t"})
		}
	})
	var all sync.WaitGroup
	for n := range instances {
		all.Go(func() {
			for k := range each {
				body := map[string]any{"autoInvite": true, "groupName": fmt.Sprint("G", n, "/", k), "phones": []string{ana, bruno}}
				b.do("POST", b.url+fmt.Sprintf("/instances/I%d/token/t/create-group", n), map[string]string{"Content-Type": "application/json"}, body)
				b.sim.Ledger()
			}
		})
	}
	all.Wait()
	b.eventually("all ended", func() bool {
		return !slices.ContainsFunc(b.sim.Ledger().Calls, func(c simulator.Call) bool { return c.EndedAt.IsZero() })
	})
	l := b.sim.Ledger()
	effects := 0
	for _, c := range l.CallsOf("", "create-group") {
		if c.Effect {
			effects++
		}
		if c.EndedAt.Before(c.ReceivedAt) {
			t.Errorf("call %d ended before it began", c.Seq)
		}
	}
	b.want("calls", len(l.Calls), instances*each)
	b.want("every effect is a group", len(l.Groups), effects)
}

func TestLateMembers_ShowInReadingsAfterTheirLag(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *simulator.Config) {
		c.Adjust = func(q *simulator.Quirks) { q.LateMembers, q.MemberLag = 1, simulator.Duration(30*time.Second) }
	})
	id := b.gCreate("G", vera).text("chatId")
	early := b.gData(id)
	b.want("size and listed at once", []any{early.at("size"), len(early.list("participants"))}, []any{2, 1})
	b.pass(30 * time.Second)
	b.want("listed after the lag", len(b.gData(id).list("participants")), 2)
}

func TestSimulator_TheWorldMovesWithoutCalls(t *testing.T) {
	t.Parallel()
	hooks := receive(t, 200)
	b := setup(t, func(c *simulator.Config) {
		c.Now, c.TimeScale = nil, 0.001
		c.Instances[0].WebhookURL = hooks.url
	})
	b.person(simulator.Person{Phone: ana, Addable: new(false)})
	link := b.zCreate("G", ana, bruno).text("invitationLink")
	b.z("POST", "send-text", map[string]any{"phone": ana, "message": link})
	b.eventually("the message left, and its reader joined", func() bool {
		return len(hooks.of("DeliveryCallback")) == 1 && len(hooks.of("MessageStatusCallback")) == 2 && len(hooks.of("ReceivedCallback")) == 1
	})
}
