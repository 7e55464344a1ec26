package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// delivery says how the client gets the answer, or loses the connection.
type delivery int

const (
	answered delivery = iota // an answer is written
	held                     // silence until the client leaves or Hold is over, then a cut
	cut                      // the connection is reset
	torn                     // half of the answer is written, then a cut
	late                     // the true answer, after a delay
)

// fault is one misbehaviour: whether the call is carried out, and what the client sees of it.
type fault struct {
	name   string
	effect bool
	how    delivery
	// answer replaces the true answer; nil lets the true one through.
	answer func(x *exchange, s *Script) reply
}

// statusFault returns the fault of a name such as "500-but-created", "502-not-created" or "503", so that every HTTP
// status can be tried. Under a bare status the call is not carried out.
func statusFault(name string) (fault, bool) {
	found := regexp.MustCompile(`^([1-5]\d\d)(-but-created|-not-created)?$`).FindStringSubmatch(name)
	if found == nil || found[1] < "200" {
		return fault{}, false
	}
	status, _ := strconv.Atoi(found[1]) // three digits
	return fault{name: name, effect: found[2] == "-but-created", answer: func(x *exchange, s *Script) reply {
		text := statusText(status)
		if s != nil && s.Text != "" {
			text = s.Text
		}
		if status == http.StatusBadGateway && x.inst.Provider == ZAPI {
			return reply{status: status, kind: "text/html", raw: []byte("<html><body><h1>502 Bad Gateway</h1></body></html>")}
		}
		return x.refuse(status, text)
	}}, true
}

func statusText(status int) string {
	if status == 499 {
		return "Client Closed Request"
	}
	return http.StatusText(status)
}

// faultTable returns the faults that are more than a status. Undocumented bodies (U) are invented here. They stay the
// same, but clients must not depend on them.
func faultTable() map[string]fault {
	table := map[string]fault{}
	add := func(name string, effect bool, how delivery, answer func(*exchange, *Script) reply) {
		table[name] = fault{name: name, effect: effect, how: how, answer: answer}
	}
	add("hang-but-created", true, held, nil)
	add("hang-not-created", false, held, nil)
	add("reset-before", false, cut, nil)
	add("reset-after", true, cut, nil)
	add("torn-body", true, torn, nil)
	add("slow", true, late, nil)

	empty := func(*exchange, *Script) reply { return reply{status: http.StatusOK, raw: []byte{}} }
	add("empty-200", true, answered, empty)
	add("empty-200-not-created", false, answered, empty)

	// A non-empty error in the body is a failure even with HTTP 200.
	failed := func(_ *exchange, s *Script) reply {
		return reply{status: http.StatusOK, body: map[string]any{"error": s.text("Internal error, try again")}}
	}
	add("200-error-body", false, answered, failed)
	add("200-error-body-but-created", true, answered, failed)
	add("429-retry-after", false, answered, func(x *exchange, s *Script) reply {
		r := x.refuse(http.StatusTooManyRequests, statusText(http.StatusTooManyRequests))
		seconds := 2
		if s != nil && s.RetryAfter > 0 {
			seconds = s.RetryAfter
		}
		r.header = map[string]string{"Retry-After": strconv.Itoa(seconds)}
		return r
	})
	add("466", false, answered, func(x *exchange, _ *Script) reply { return x.quotaReply(1000, 1000) })
	// Seen in the field (T).
	add("401-as-200", false, answered, func(*exchange, *Script) reply {
		return reply{status: http.StatusOK, body: map[string]any{"code": 401, "description": "Unauthorized"}}
	})
	overlimit := func(x *exchange, _ *Script) reply { return x.refuse(http.StatusInternalServerError, "rate overlimit") }
	add("rate-overlimit", false, answered, overlimit)
	add("rate-overlimit-but-created", true, answered, overlimit) // GI#1016 while restricted
	add("starting", false, answered, func(x *exchange, _ *Script) reply {
		if x.inst.Provider == ZAPI {
			return x.refuse(http.StatusBadRequest, "You need to restore the session.")
		}
		return x.refuse(http.StatusBadRequest, x.startingText())
	})
	add("client-token-400", false, answered, func(x *exchange, _ *Script) reply {
		return x.refuse(http.StatusBadRequest, "your client-token is not configured")
	})
	created := func(*exchange, *Script) reply {
		return reply{status: http.StatusOK, body: map[string]any{"created": false, "chatId": "", "groupInviteLink": ""}}
	}
	add("created-false", false, answered, created)
	add("created-false-but-created", true, answered, created)
	no := func(x *exchange, _ *Script) reply { return x.inst.dialect().sayNo(x) }
	add("no", false, answered, no)
	add("no-but-done", true, answered, no)
	// This one concerns the message that the call queues: see scriptedDelivery.
	add("delivery-failed", true, answered, nil)
	return table
}

// FaultNames returns the named faults. Every status from 200 to 599 is a fault too, bare or with -but-created or
// -not-created.
func FaultNames() []string {
	names := []string{"500-but-created", "500-not-created", "502-but-created", "502-not-created", "429", "499"}
	for name := range faultTable() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s *Simulator) fault(name string) (fault, bool) {
	if f, ok := s.faults[name]; ok {
		return f, true
	}
	return statusFault(name)
}

// Script asks for a fault in calls to come. It is the body of POST /script.
type Script struct {
	Instance string `json:"instance,omitempty"` // id; "": any
	Provider string `json:"provider,omitempty"` // "": any
	// Method is the provider's own name ("create-group", "createGroup"), in any letter case, or a
	// kind of call: create, members, list, add, set, send, post, check, state. "": any.
	Method string `json:"method,omitempty"`
	Group  string `json:"group,omitempty"` // name or id of the group concerned; "": any
	Phone  string `json:"phone,omitempty"` // a person the call is about, any spelling; "": any
	Fault  string `json:"fault"`           // see FaultNames
	// Share is the part of the matching calls that meet the fault, drawn with the seed; 0 means all. One draw
	// decides among all scripts with a share: two of 0.1 disturb a fifth of the calls.
	Share float64 `json:"share,omitempty"`
	// Times is how many calls meet the fault; -1 means no limit. Defaults to 1, or to -1 with a share. Skip is how many
	// matching calls pass first.
	Times int `json:"times,omitempty"`
	Skip  int `json:"skip,omitempty"`

	Text       string          `json:"text,omitempty"`       // replaces the error text
	Code       string          `json:"code,omitempty"`       // errorCode of a failed delivery
	Body       json.RawMessage `json:"body,omitempty"`       // replaces the whole body
	RetryAfter int             `json:"retryAfter,omitempty"` // seconds, for 429-retry-after
	Hold       Duration        `json:"hold,omitempty"`       // literal; for hang-…
	Delay      Duration        `json:"delay,omitempty"`      // literal; for slow
	// After, in a fault whose call is carried out, is how long after the answer (or the cut) that happens, so that the
	// group comes to exist when no client waits for it. Taken literally.
	After Duration `json:"after,omitempty"`
}

func (s *Script) text(other string) string {
	if s == nil || s.Text == "" {
		return other
	}
	return s.Text
}

// Script adds scripts. A call meets the first one that matches it, in the order in which they came, and uses up one of
// that script's Times.
func (s *Simulator) Script(scripts ...Script) error {
	s.lock()
	defer s.unlock()
	for _, in := range scripts {
		if _, ok := s.fault(in.Fault); !ok {
			return &unknownFault{in.Fault}
		}
		if in.Share < 0 || in.Share > 1 {
			return fmt.Errorf("share %g: want 0 to 1", in.Share)
		}
		switch {
		case in.Times != 0:
		case in.Share > 0:
			in.Times = -1
		default:
			in.Times = 1
		}
		s.world.scripts = append(s.world.scripts, &in)
	}
	return nil
}

type unknownFault struct{ name string }

func (e *unknownFault) Error() string {
	return "no fault " + strconv.Quote(e.name) + "; there are " + strings.Join(FaultNames(), ", ") + ", and any status"
}

// ClearScripts removes all scripts.
func (s *Simulator) ClearScripts() {
	s.lock()
	defer s.unlock()
	s.world.scripts = nil
}

// pick returns the fault of a call, if there is one: a script's, or the personality's.
func (w *world) pick(x *exchange) (fault, *Script, bool) {
	for n, script := range w.scripts {
		if script.Share == 0 && script.matches(x) {
			return w.deal(n)
		}
	}
	x.inst.turns[x.route.kind]++
	turn := strconv.Itoa(x.inst.turns[x.route.kind])
	at := w.dice.roll("fault", x.inst.ID, string(x.route.kind), turn)
	for n, script := range w.scripts {
		if script.Share == 0 || !script.matches(x) {
			continue
		}
		if at -= script.Share; at < 0 {
			return w.deal(n)
		}
	}
	for _, o := range odds(w.sim.cfg.Personality, x.inst.Provider, x.route.kind) {
		if at -= o.p * w.quirks.Misbehaviour; at < 0 {
			f, ok := w.sim.fault(o.fault)
			return f, nil, ok
		}
	}
	return fault{}, nil, false
}

// deal returns the fault of script n, unless the script still skips.
func (w *world) deal(n int) (fault, *Script, bool) {
	script := w.scripts[n]
	if !w.use(n) {
		return fault{}, nil, false
	}
	f, ok := w.sim.fault(script.Fault)
	return f, script, ok
}

// use uses up one of the Times of script n. While the script still skips, it counts a skip and returns false.
func (w *world) use(n int) bool {
	script := w.scripts[n]
	if script.Skip > 0 {
		script.Skip--
		return false
	}
	if script.Times > 0 {
		if script.Times--; script.Times == 0 {
			w.scripts = slices.Delete(w.scripts, n, n+1)
		}
	}
	return true
}

func (s *Script) matches(x *exchange) bool {
	rec := x.rec
	switch {
	case s.Fault == "delivery-failed": // concerns what leaves a queue
		return false
	case strings.HasPrefix(s.Fault, "no") && x.route.kind != kindSet: // other calls have refusals of their own
		return false
	case s.Instance != "" && s.Instance != rec.Instance,
		s.Provider != "" && s.Provider != rec.Provider,
		s.Method != "" && !strings.EqualFold(s.Method, rec.Method) && s.Method != string(x.route.kind),
		s.Group != "" && s.Group != rec.GroupName && s.Group != rec.GroupID:
		return false
	}
	return s.Phone == "" || slices.ContainsFunc(rec.To, func(to string) bool {
		return Account(to) == Account(s.Phone)
	})
}

// scriptedDelivery returns the delivery-failed script for a message that leaves its queue, or nil.
func (w *world) scriptedDelivery(m *message) *Script {
	for n, s := range w.scripts {
		if s.Fault != "delivery-failed" || (s.Instance != "" && s.Instance != m.inst.ID) ||
			(s.Provider != "" && s.Provider != m.inst.Provider) || (s.Phone != "" && Account(s.Phone) != Account(m.to)) ||
			(s.Share > 0 && !w.dice.chance(s.Share, "script", m.id)) {
			continue
		}
		if !w.use(n) {
			return nil
		}
		return s
	}
	return nil
}

// holdFor returns how long a hanging or slow call lasts.
func (w *world) holdFor(f fault, s *Script) time.Duration {
	switch {
	case f.how == late && s != nil && s.Delay > 0:
		return time.Duration(s.Delay)
	case f.how == late:
		return w.scaled(10 * second)
	case s != nil && s.Hold > 0:
		return time.Duration(s.Hold)
	}
	return w.scaled(w.quirks.Hold)
}
