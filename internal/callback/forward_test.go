package callback_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// bot is a customer's own receiver.
type bot struct {
	*httptest.Server

	got chan *http.Request
	mu  sync.Mutex
	// answers are the statuses of its answers in turn, the last one for ever. Empty means 200.
	answers []int
	bodies  []string
}

func newBot(t *testing.T, answers ...int) *bot {
	t.Helper()
	b := &bot{got: make(chan *http.Request, 5000), answers: answers}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		b.bodies = append(b.bodies, string(body))
		status := http.StatusOK
		if len(b.answers) > 0 {
			status = b.answers[0]
		}
		if len(b.answers) > 1 {
			b.answers = b.answers[1:]
		}
		b.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "planted-answer")
		b.got <- r
	}))
	t.Cleanup(b.Close)
	return b
}

// next waits for the next webhook.
func (b *bot) next(t *testing.T) *http.Request {
	t.Helper()
	select {
	case r := <-b.got:
		return r
	case <-time.After(testutil.Timeout):
		t.Fatalf("no webhook arrived within %s", testutil.Timeout)
		return nil
	}
}

func (b *bot) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.bodies)
}

// outcomes counts the outcomes of forwarded webhooks.
type outcomes struct {
	mu sync.Mutex
	n  map[string]int
}

func (o *outcomes) count(instance, outcome string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n == nil {
		o.n = map[string]int{}
	}
	o.n[instance+" "+outcome]++
}

func (o *outcomes) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprint(o.n)
}

func (o *outcomes) sum() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, of := range o.n {
		n += of
	}
	return n
}

// to makes every door forward to these receivers, with short pauses, and counts the outcomes.
func to(o *outcomes, fs ...callback.Forward) func(*callback.Config) {
	return func(c *callback.Config) {
		for i := range c.Doors {
			c.Doors[i].Forward = fs
		}
		c.ForwardTimeout, c.ForwardPauses, c.Forwarded = testutil.Timeout, []time.Duration{time.Millisecond, time.Millisecond}, o.count
	}
}

// at returns a receiver at this address that gets every event.
func at(url string, change ...func(*callback.Forward)) callback.Forward {
	f := callback.Forward{URL: provider.Token(url), Host: "bot.example", Events: []string{"*"}, AllowPrivate: true}
	for _, c := range change {
		c(&f)
	}
	return f
}

func TestForward_PassesBodyAndHeadersOn(t *testing.T) {
	t.Parallel()
	b, o := newBot(t), &outcomes{}
	r := start(t, "zapi", to(o, at(b.URL+"/planted-path", func(f *callback.Forward) { f.Token = "theirs" })))
	body := `{"type":"ReceivedCallback","instanceId":"I1","text":{"message":"quero comprar"},  "isGroup":false}`
	if status := r.send(zapiDoor, body, "Content-Type", "application/json", "z-api-token", "t0ken", "User-Agent", "Z-API/2"); status != http.StatusOK {
		t.Fatalf("got status %d, want 200", status)
	}
	got := b.next(t)
	if got.URL.Path != "/planted-path" || b.all()[0] != body || got.Method != http.MethodPost {
		t.Errorf("got %s %s with %q, want POST /planted-path with %q", got.Method, got.URL.Path, b.all()[0], body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "z-api-token": "t0ken", "User-Agent": "Z-API/2", "Authorization": "Bearer theirs", "Rollcall-Forwarded": "1",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("header %s: got %q, want %q", name, got.Header.Get(name), want)
		}
	}
	// GREEN-API sends the door's secret in the Authorization header. No other receiver may see it.
	r.send(greenDoor, outcome("M-x", "sent"), "Authorization", "Bearer "+secret)
	if got := b.next(t); got.Header.Get("Authorization") != "Bearer theirs" || strings.Contains(fmt.Sprint(got.Header, got.URL), secret) {
		t.Errorf("got %v with headers %v, want the receiver's own token and not the door's secret", got.URL, got.Header)
	}
	testutil.Until(t, "the outcomes are counted", func() bool { return o.sum() == 2 })
	r.close()
	if o.String() != "map[greenapi sent:1 zapi sent:1]" {
		t.Errorf("got outcomes %s, want one sent for each instance", o)
	}
}

func TestForward_ChoosesByEventAndOwner(t *testing.T) {
	t.Parallel()
	received, others, all, o := newBot(t), newBot(t), newBot(t), &outcomes{}
	r := start(t, "zapi", to(o,
		at(received.URL, func(f *callback.Forward) { f.Events = []string{"received"} }),
		at(others.URL, func(f *callback.Forward) { f.Others = true }),
		at(all.URL)))
	bodies := map[string]string{
		"a group of ours":      notification(r.wa, "GROUP_PARTICIPANT_ADD", `["5511900000002"]`),
		"a message of ours":    delivery("M-bia", "null", "null"),
		"a group of theirs":    notification("120363000000000099-group", "GROUP_PARTICIPANT_ADD", `["5511900000002"]`),
		"a message of theirs":  delivery("M-theirs", "null", "null"),
		"a text":               `{"type":"ReceivedCallback","instanceId":"I1","text":{"message":"oi"}}`,
		"no JSON":              `hello`,
		"of another instance":  `{"type":"ReceivedCallback","instanceId":"I9"}`,
		"an unknown word":      `{"type":"LaterCallback","instanceId":"I1"}`,
		"the number went away": `{"type":"DisconnectedCallback","instanceId":"I1","disconnected":true}`,
	}
	for name, body := range bodies {
		if status := r.send(zapiDoor, body); status != http.StatusOK {
			t.Errorf("%s: got status %d, want 200", name, status)
		}
		all.next(t)
	}
	r.close()
	names := func(b *bot) (names []string) {
		for _, body := range b.all() {
			for name, sent := range bodies {
				if sent == body {
					names = append(names, name)
				}
			}
		}
		slices.Sort(names)
		return names
	}
	if got, want := names(received), []string{"a group of ours", "a group of theirs", "a text", "of another instance"}; !slices.Equal(got, want) {
		t.Errorf("the receiver of received events got %q, want %q", got, want)
	}
	if got := names(others); slices.Contains(got, "a group of ours") || slices.Contains(got, "a message of ours") || len(got) != len(bodies)-2 {
		t.Errorf("the receiver of others' events got %q, want all but the two of ours", got)
	}
}

func TestForward_RetriesOnlyWhatMayPass(t *testing.T) {
	t.Parallel()
	flaky, refuses, dead, o := newBot(t, 503, 429, 200), newBot(t, 404), newBot(t, 500), &outcomes{}
	r := start(t, "zapi", to(o, at(flaky.URL+"/planted-path"), at(refuses.URL+"/planted-path"), at(dead.URL+"/planted-path")))
	const webhook = `{"type":"ReceivedCallback","instanceId":"I1","text":{"message":"planted-text"}}`
	r.send(zapiDoor, webhook)
	for range 3 {
		flaky.next(t)
	}
	refuses.next(t)
	for range 3 {
		dead.next(t)
	}
	testutil.Until(t, "the first webhook has an outcome at all three", func() bool { return o.sum() == 3 })
	r.send(zapiDoor, webhook)
	flaky.next(t)
	refuses.next(t)
	dead.next(t) // a receiver that is down gets one try of each further webhook
	testutil.Until(t, "the second webhook has an outcome at all three", func() bool { return o.sum() == 6 })
	r.close()
	if o.String() != "map[zapi failed:4 zapi sent:2]" {
		t.Errorf("got outcomes %s, want 4 failed and 2 sent", o)
	}
	if log := r.log.String(); strings.Contains(log, "planted") || strings.Contains(log, secret) || strings.Count(log, "forward_failed") != 2 ||
		!strings.Contains(log, "it answered 404") || !strings.Contains(log, "bot.example") {
		t.Errorf("got log %s; want forward_failed twice, with the host and a 404, and without a secret or a text", log)
	}
	if len(flaky.all()) != 4 || len(refuses.all()) != 2 || len(dead.all()) != 4 {
		t.Errorf("got %d, %d, %d tries; want 4, 2, 4", len(flaky.all()), len(refuses.all()), len(dead.all()))
	}
}

func TestForward_AHangingReceiverDelaysNoDoorAndNoOtherReceiver(t *testing.T) {
	t.Parallel()
	release, hanging := make(chan struct{}), make(chan struct{}, 5000)
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hanging <- struct{}{}; <-release }))
	t.Cleanup(hangs.Close)
	other, o := newBot(t), &outcomes{}
	r := start(t, "zapi", to(o, at(hangs.URL), at(other.URL)))
	const sent = 1200
	for n := range sent {
		if status := r.send(zapiDoor, `{"type":"ReceivedCallback","instanceId":"I1"}`); status != http.StatusOK {
			t.Fatalf("webhook %d: got status %d, want 200", n, status)
		}
		if other.next(t); n == 0 {
			<-hanging
		}
	}
	close(release)
	testutil.Until(t, "the outcomes are counted", func() bool { return o.sum() == 2*sent })
	r.close()
	// One is in flight, 1000 wait, the other 199 are dropped and logged once.
	if got := o.String(); !strings.Contains(got, "dropped:199") {
		t.Errorf("got outcomes %s, want 199 dropped", got)
	}
	if n := strings.Count(r.log.String(), "forward_dropped"); n != 1 {
		t.Errorf("got forward_dropped %d times in the log, want once", n)
	}
}

func TestForward_RefusesPrivateAddressesAndLoops(t *testing.T) {
	t.Parallel()
	b, o := newBot(t), &outcomes{}
	r := start(t, "zapi", to(o, at(b.URL, func(f *callback.Forward) { f.AllowPrivate = false })))
	r.send(zapiDoor, `{"type":"ReceivedCallback","instanceId":"I1"}`)
	testutil.Until(t, "the outcome is counted", func() bool { return o.sum() == 1 })
	r.close()
	if len(b.all()) > 0 || o.String() != "map[zapi failed:1]" || !strings.Contains(r.log.String(), "not public") {
		t.Errorf("got %d webhooks, outcomes %s, log %s; want one failure: the address is not public", len(b.all()), o, r.log)
	}

	o = &outcomes{}
	r = start(t, "zapi", to(o, at(b.URL)))
	r.send(zapiDoor, `{"type":"ReceivedCallback","instanceId":"I1"}`, "Rollcall-Forwarded", "1")
	r.close()
	if len(b.all()) > 0 {
		t.Error("a forwarded webhook was forwarded again")
	}
}

func TestForward_WorksWithoutRedis(t *testing.T) {
	t.Parallel()
	b, o := newBot(t), &outcomes{}
	r := start(t, "zapi", to(o, at(b.URL, func(f *callback.Forward) { f.Others = true })), func(c *callback.Config) { c.Store = without(t) })
	r.send(zapiDoor, notification(r.wa, "GROUP_PARTICIPANT_ADD", `["5511900000002"]`))
	b.next(t)
}

// without returns a store that cannot reach Redis.
func without(t *testing.T) *store.Store {
	t.Helper()
	_, rdb := testutil.Mini(t)
	s, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_ = rdb.Close()
	return s
}
