// Package receivers_test runs the example receivers against what rollcall really sends.
package receivers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

func secretOf(text string) string { return "whsec_" + base64.StdEncoding.EncodeToString([]byte(text)) }

// Each receiver must accept an event that is signed with its secret, alone or beside another one, and work on it once.
func TestReceivers_AcceptEventsOfTheirSecretOnceAndRefuseOthers(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "receiver")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./go").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for name, command := range map[string][]string{
		"go": {program}, "node": {"node", "node/receiver.mjs"}, "python": {"python3", "python/receiver.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(command[0]); err != nil {
				if os.Getenv("REQUIRE_REAL_REDIS") == "" {
					t.Skipf("%s IS NOT INSTALLED: THIS RECEIVER WAS NOT RUN", command[0])
				}
				t.Fatal(err)
			}
			t.Run("its address is taken", func(t *testing.T) {
				t.Parallel()
				taken(t, command)
			})
			for kind, secret := range map[string]string{"standard": secretOf("the receiver's secret, 32 bytes!"), "plain": "a secret as it is typed, any text"} {
				t.Run(kind, func(t *testing.T) {
					t.Parallel()
					accept(t, command, secret)
					refuse(t, command, secret)
				})
			}
		})
	}
}

// accept sends events with good and bad signatures. The receiver must accept the good ones and work on each once.
func accept(t *testing.T, command []string, secret string) {
	t.Helper()
	url, printed := run(t, command, secret)
	st, send := sender(t)
	other := secretOf("another secret, long enough")
	now := time.Now()
	worked := map[string]string{} // the ids of accepted events, by the names of their cases
	for _, c := range []struct {
		name    string
		secrets []string
		at      time.Time
		taken   bool
	}{
		{"signed", []string{secret}, now, true},
		{"signed by the old and the new secret", []string{other, secret}, now, true},
		{"signed with another secret", []string{other}, now, false},
		{"ten minutes old", []string{secret}, now.Add(-10 * time.Minute), false},
		{"of tomorrow", []string{secret}, now.Add(24 * time.Hour), false},
	} {
		id, taken := send(url, c.secrets, c.at)
		if taken != c.taken {
			t.Errorf("an event %s: accepted %v, want %v", c.name, taken, c.taken)
		}
		if !taken {
			continue
		}
		// Sent again, it is accepted, but not worked on again.
		if _, err := (notify.Desk{Store: st}).Replay(t.Context(), notify.Selection{IDs: []string{id}}); err != nil {
			t.Fatal(err)
		}
		if again, taken := send(url, c.secrets, c.at); again != id || !taken {
			t.Errorf("an event %s, sent again: got %s, accepted %v, want %s, accepted", c.name, again, taken, id)
		}
		worked[c.name] = id
	}
	// What a receiver prints comes in order, and a moment after its answer.
	last, _ := send(url, []string{secret}, now)
	testutil.Until(t, "the receiver prints the last event", func() bool { return strings.Contains(printed(), last) }, printed)
	for name, id := range worked {
		if n := strings.Count(printed(), id); n != 1 {
			t.Errorf("an event %s was worked on %d times, want once", name, n)
		}
	}
}

// taken runs a receiver at an address that is taken. It must say in one line what to do.
func taken(t *testing.T, command []string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "ROLLCALL_WEBHOOK_SECRET=a secret", "LISTEN="+listener.Addr().String())
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err == nil || strings.Contains(text, "\n") || !strings.Contains(text, listener.Addr().String()) || !strings.Contains(text, "set LISTEN to another host:port") {
		t.Errorf("got %v and\n%s\nwant one line with the address and the remedy", err, text)
	}
}

// refuse sends requests with an invalid signature or timestamp. Each receiver must answer 401: an error in its code
// would answer 500, or end it.
func refuse(t *testing.T, command []string, secret string) {
	t.Helper()
	url, printed := run(t, command, secret)
	hangUp(t, url)
	now, valid := fmt.Sprint(time.Now().Unix()), "v1,"+base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, c := range map[string]struct {
		timestamp  string
		signatures []string
	}{
		"no signature":              {now, nil},
		"an empty signature":        {now, []string{""}},
		"another version":           {now, []string{"v2" + valid[2:]}},
		"no version":                {now, []string{valid[3:]}},
		"only a version":            {now, []string{"v1", "v1,"}},
		"too short":                 {now, []string{"v1,AAAA"}},
		"too long":                  {now, []string{"v1," + strings.Repeat("QUFB", 100)}},
		"wrong padding":             {now, []string{"v1,AAAAA"}},
		"no base64":                 {now, []string{"v1,!!!!"}},
		"letters beyond ASCII":      {now, []string{"v1,\u00e9\u00e9\u00e9\u00e9"}},
		"bytes that are not text":   {now, []string{"v1,\xff\xfe\x80"}},
		"several that do not fit":   {now, []string{valid + " v1,AAAA v1a,AAAA v1,!!!! " + valid}},
		"several headers":           {now, []string{valid, valid}},
		"commas only":               {now, []string{",,, ,"}},
		"no timestamp":              {"", []string{valid}},
		"a word as timestamp":       {"now", []string{valid}},
		"a negative timestamp":      {"-1", []string{valid}},
		"a fraction":                {now + ".5", []string{valid}},
		"a very long timestamp":     {strings.Repeat("9", 5000), []string{valid}},
		"digits of other scripts":   {"\u0663\u0663\u0663", []string{valid}},
		"an old timestamp":          {"1", []string{valid}},
		"a timestamp in the future": {"99999999999", []string{valid}},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"type": "x"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("webhook-id", "evt_1")
		if c.timestamp != "" {
			req.Header.Set("webhook-timestamp", c.timestamp)
		}
		for _, s := range c.signatures {
			req.Header.Add("webhook-signature", s)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, printed())
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, resp.StatusCode)
		}
	}
}

// hangUp sends half a request. The receiver must outlast it.
func hangUp(t *testing.T, url string) {
	t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/hook")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "POST /hook HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\nhalf", host); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// run starts a receiver on a free port and waits until it prints its address.
func run(t *testing.T, command []string, secret string) (url string, printed func() string) {
	t.Helper()
	out := &safe{}
	cmd := exec.Command(command[0], command[1:]...) // the clean-up ends it
	cmd.Env = append(os.Environ(), "LISTEN=127.0.0.1:0", "ROLLCALL_WEBHOOK_SECRET="+secret)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	testutil.Until(t, "the receiver prints its address", func() bool { return listening.MatchString(out.String()) })
	return listening.FindStringSubmatch(out.String())[1] + "hook", out.String
}

var listening = regexp.MustCompile(`listening at (http://127\.0\.0\.1:\d+/)`)

// safe is a buffer that a test may read while a program writes to it.
type safe struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// agenda is a queue that keeps its tasks.
type agenda struct{ tasks []tasks.Task }

func (a *agenda) Put(ctx context.Context, ts ...tasks.Task) error {
	_, err := a.PutMissing(ctx, ts...)
	return err
}

func (a *agenda) PutMissing(_ context.Context, ts ...tasks.Task) ([]tasks.Task, error) {
	a.tasks = append(a.tasks, ts...)
	return ts, nil
}

func (a *agenda) Hasten(context.Context, tasks.Task) (bool, error) { return false, nil }

// sender returns the store of a rollcall and a function that delivers an event. The function makes a new event, unless
// one waits in the outbox, and returns its id and whether the receiver accepted it.
func sender(t *testing.T) (*store.Store, func(url string, secrets []string, at time.Time) (id string, taken bool)) {
	t.Helper()
	rdb := testutil.Redis(t)
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pacer := pacing.New(rdb)
	t.Cleanup(pacer.Close)
	put := &agenda{}
	state := provider.Ready
	return st, func(url string, secrets []string, at time.Time) (string, bool) {
		t.Helper()
		w, err := notify.New(notify.Config{
			Store: st, Queue: put, Documents: view.New(st, pacer, queue.New(rdb, st.Lines)), Worker: "w", Now: func() time.Time { return at },
			Settings: notify.Settings{Endpoints: []notify.Endpoint{{
				URL: url, Host: "here", Secrets: secrets, Events: []string{"instance.state"}, AllowPrivate: true,
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.Stop(t.Context()) }()
		pass := func() {
			if _, err := w.Pass(t.Context(), -1); err != nil {
				t.Fatal(err)
			}
		}
		if pass(); len(put.tasks) == 0 {
			if state == provider.Ready {
				state = provider.Disconnected
			} else {
				state = provider.Ready
			}
			if _, err := st.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: state}, time.Now()); err != nil {
				t.Fatal(err)
			}
			pass()
		}
		task := put.tasks[0]
		put.tasks = nil
		if err := w.Do(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		n, err := st.Outbox.Notice(t.Context(), task.Payload.Event)
		if err != nil {
			t.Fatal(err)
		}
		d := n.Deliveries[task.Payload.Receiver]
		if d.State != store.Delivered {
			t.Logf("not accepted: %+v", d)
		}
		return task.Payload.Event, d.State == store.Delivered
	}
}
