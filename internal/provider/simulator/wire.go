package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator/arrival"
)

// callKind groups the methods of all providers by their purpose, for odds, scripts and states.
type callKind string

const (
	kindCreate  callKind = "create"
	kindMembers callKind = "members" // reading one group
	kindList    callKind = "list"
	kindAdd     callKind = "add"  // changing who is in a group, or the group
	kindSet     callKind = "set"  // the photo, description, settings or admins of a group
	kindSend    callKind = "send" // a message to a person
	kindPost    callKind = "post" // a message to a group
	kindCheck   callKind = "check"
	kindState   callKind = "state" // the instance itself
	kindQueue   callKind = "queue"
	kindHook    callKind = "hook" // settings and notifications: never disturbed by the dice
)

// sends reports whether a call of this kind sends a message.
func (k callKind) sends() bool { return k == kindSend || k == kindPost }

// reads reports whether a call of this kind can be repeated without harm.
func (k callKind) reads() bool {
	return slices.Contains([]callKind{kindMembers, kindList, kindCheck, kindState, kindQueue}, k)
}

// route is one method of a provider. run is called with the world locked and must not block.
type route struct {
	name  string // as the provider writes it
	verbs []string
	kind  callKind
	run   func(x *exchange) reply
}

// exchange is one request with all that serves it.
type exchange struct {
	sim   *Simulator
	w     *world
	inst  *instance
	route route
	rec   *Call
	req   *http.Request
	tail  string // what stands in the path after the method
	miau  bool   // the call is whatsmiau's
	query url.Values
	body  []byte
}

// reply is an answer before it is written: body as JSON, or raw bytes of a kind.
type reply struct {
	status int
	header map[string]string
	body   any
	raw    []byte
	kind   string // content type of raw
}

func (r reply) bytes() []byte {
	if r.body == nil {
		return r.raw
	}
	out, err := json.Marshal(r.body)
	if err != nil {
		panic(fmt.Sprintf("simulator: an answer that is not JSON: %v", err)) // only our own types come here
	}
	return out
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

// decode reads the JSON body into to, or returns the reason why it cannot.
func (x *exchange) decode(to any) (reason string, fine bool) {
	if bytes.HasPrefix(x.body, []byte("\xef\xbb\xbf")) {
		return "Unexpected token \ufeff in JSON at position 0", false // documented: UTF-8 without BOM
	}
	if len(bytes.TrimSpace(x.body)) == 0 {
		return "Unexpected end of JSON input", false
	}
	err := json.Unmarshal(x.body, to)
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		return "Validation failed. Details: '" + wrong.Field + "' must not be a " + wrong.Value, false
	}
	if err != nil {
		return "Unexpected token in JSON: " + err.Error(), false
	}
	// A strict reader refuses valid JSON only for an unknown field. Such a body is accepted, as at the providers, and
	// the record names the field.
	if err := strict(x.body, reflect.New(reflect.TypeOf(to).Elem()).Interface()); err != nil {
		x.rec.Unknown = err.Error()
	}
	return "", true
}

// enter records the call, applies guard, the provider's own checks, and picks a fault. If guard refuses the call, early
// is the answer.
func (s *Simulator) enter(x *exchange, guard func() (string, reply, bool)) (f fault, script *Script, early *reply) {
	s.lock()
	defer s.unlock()
	x.w = x.inst.w // after a Reset, the call goes on in the old world, without an effect
	x.rec = x.w.record(x.req, x.inst.ID, x.inst.Provider, x.route)
	x.peek()
	if rule, r, refused := guard(); refused {
		x.rec.Rule = rule
		return fault{}, nil, &r
	}
	f, script, hit := x.w.pick(x)
	if hit {
		x.rec.Fault = f.name
	} else {
		f = fault{effect: true}
	}
	return f, script, nil
}

// record returns the record of a request, as far as it is known when the request comes.
func (w *world) record(r *http.Request, instance, provider string, of route) *Call {
	at := w.now()
	if came, known := arrival.Of(r); known && !w.sim.foreignClock {
		at = came
	}
	w.callSeq++
	c := &Call{
		Seq: w.callSeq, Instance: instance, Provider: provider, Method: of.name, Kind: string(of.kind), Verb: r.Method, Host: r.Host,
		ReceivedAt: at, AtNanos: at.Sub(w.start).Nanoseconds(), Params: r.URL.RawQuery,
	}
	w.remember(c)
	return c
}

// stray records a request that no instance answers.
func (s *Simulator) stray(r *http.Request, instance, provider string, of route, rule string) {
	s.lock()
	defer s.unlock()
	c := s.world.record(r, instance, provider, of)
	c.Rule, c.EndedAt, c.EndNanos, c.Params = rule, c.ReceivedAt, c.AtNanos, "" // the query may hold a key
}

// watched calls Config.Watch, and reports whether the call is lost.
func (s *Simulator) watched(m Moment, x *exchange) bool {
	if s.cfg.Watch == nil {
		return false
	}
	s.lock()
	told := *x.rec
	s.unlock()
	return s.cfg.Watch(m, told)
}

// lose returns the fault of a lost call, and records it.
func (s *Simulator) lose(x *exchange) fault {
	s.lock()
	defer s.unlock()
	f, _ := s.fault("hang-not-created")
	x.rec.Fault = f.name
	return f
}

// conduct serves a request: checks, fault, latency, effect, answer.
func (s *Simulator) conduct(w http.ResponseWriter, x *exchange, guard func() (string, reply, bool)) {
	body, err := io.ReadAll(io.LimitReader(x.req.Body, 8<<20))
	if err != nil {
		abort(w)
	}
	x.body, x.query = body, x.req.URL.Query()
	f, script, early := s.enter(x, guard)
	if early != nil {
		s.finish(x, early.status)
		write(w, *early)
		return
	}
	if s.watched(Arrived, x) {
		f, script = s.lose(x), nil
	}
	switch {
	case f.how == held:
		s.hold(x, s.holdTime(x, f, script))
	case f.how == late:
		s.wait(s.holdTime(x, f, script))
	case f.effect && f.how != cut:
		s.wait(s.latency(x))
	}
	answer := reply{}
	switch {
	case f.effect && script != nil && script.After > 0:
		s.later(x, time.Duration(script.After))
		answer = x.refuse(http.StatusInternalServerError, statusText(http.StatusInternalServerError))
	case f.effect:
		if answer = s.carryOut(x); f.how != held {
			s.watched(Done, x)
		}
	}
	if f.answer != nil {
		answer = f.answer(x, script)
	}
	if script != nil && script.Body != nil {
		answer.body, answer.raw, answer.kind = nil, script.Body, ""
	}
	switch f.how {
	case held, cut:
		s.finish(x, 0)
		abort(w)
	case torn:
		s.finish(x, answer.status)
		tear(w, answer)
	default:
		s.finish(x, answer.status)
		write(w, answer)
		_ = http.NewResponseController(w).Flush() // the answer leaves before the watch is called
		s.watched(Answered, x)
	}
}

// carryOut lets the call have its effect, if the instance's state allows it. A call that
// outlived its world (Reset) or the simulator (Close) has none.
func (s *Simulator) carryOut(x *exchange) reply {
	s.lock()
	defer s.unlock()
	return s.carryOutLocked(x)
}

func (s *Simulator) carryOutLocked(x *exchange) reply {
	if s.closed || s.world != x.w {
		return x.refuse(http.StatusServiceUnavailable, "the simulator was reset")
	}
	if r, refused := x.stateRefusal(); refused {
		x.rec.Rule = "state"
		return r
	}
	return x.route.run(x)
}

// later plans that the call is carried out when its client no longer waits ("created afterwards").
func (s *Simulator) later(x *exchange, after time.Duration) {
	s.lock()
	defer s.unlock()
	x.w.plan(x.w.now().Add(after), func(time.Time) { s.carryOutLocked(x) })
}

func (s *Simulator) holdTime(x *exchange, f fault, script *Script) time.Duration {
	s.lock()
	defer s.unlock()
	return x.w.holdFor(f, script)
}

// latency returns how long this call takes: a create as long as the quirks say, a call of kindHook no time, any other
// call a tenth of a create's time.
func (s *Simulator) latency(x *exchange) time.Duration {
	s.lock()
	defer s.unlock()
	q := x.w.quirks
	d := x.w.dice.between(q.LatencyMin, q.LatencyMax, "latency", x.inst.ID, fmt.Sprint(x.rec.Seq))
	switch x.route.kind {
	case kindCreate:
	case kindHook:
		d = 0
	default:
		d /= 10
	}
	return x.w.scaled(d)
}

// wait waits for d. It waits even after the client has left, because a provider goes on working then.
func (s *Simulator) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// hold keeps the connection silent until the client gives up, or at most for d.
func (s *Simulator) hold(x *exchange, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-x.req.Context().Done():
	case <-s.ctx.Done():
	}
}

// finish completes the record before the answer is written, so that a client with the answer finds the truth in the
// ledger.
func (s *Simulator) finish(x *exchange, status int) {
	gone := x.req.Context().Err() != nil
	s.lock()
	defer s.unlock()
	now := x.w.now()
	x.rec.EndedAt, x.rec.EndNanos = now, now.Sub(x.w.start).Nanoseconds()
	x.rec.Status, x.rec.Gone = status, gone
}

func (w *world) remember(c *Call) {
	w.calls = append(w.calls, c)
	if spare := len(w.calls) - w.sim.cfg.KeepCalls; spare > w.sim.cfg.KeepCalls/10 {
		w.calls = slices.Delete(w.calls, 0, spare)
		w.dropped += spare
	}
}
