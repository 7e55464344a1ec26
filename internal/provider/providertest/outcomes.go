package providertest

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// Op is one operation of a provider. Scope is that of its errors, unless an answer shows another one.
type Op struct {
	Name  string
	Scope provider.Scope
	// Changes says that the operation must not be repeated, so an answer that proves nothing is Unknown.
	Changes bool
	Do      func(ctx context.Context, p provider.Provider) error
}

// The people and the group of Ops. No error may show them.
const (
	SomeName  = "Turma 12 da Ana"
	SomePhone = "5511987654321"
	SomeLID   = "123456789012345@lid"
	SomeText  = "Entre: https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"
)

// Ops returns all operations that call the provider, with a group id in the provider's form.
func Ops(p provider.Provider) []Op {
	group := simulator.NoGroup(p.Traits().Name)
	text := provider.Invitation{Via: provider.ViaText, Address: SomePhone, GroupID: group, Text: SomeText}
	native := text
	native.Via = provider.ViaNative
	checkScope := provider.ScopeRequest
	if p.Traits().CheckFirst { // such providers check one number per request
		checkScope = provider.ScopePerson
	}
	ops := []Op{
		{"create", provider.ScopeRequest, true, func(ctx context.Context, p provider.Provider) error {
			_, err := p.CreateGroup(ctx, provider.CreateRequest{Name: SomeName, Addresses: []string{SomePhone}})
			return err
		}},
		{"invite", provider.ScopePerson, true, func(ctx context.Context, p provider.Provider) error {
			_, err := p.Invite(ctx, text)
			return err
		}},
		{"add", provider.ScopePerson, true, func(ctx context.Context, p provider.Provider) error {
			return p.AddMember(ctx, group, SomePhone)
		}},
		{"members", provider.ScopeRequest, false, func(ctx context.Context, p provider.Provider) error {
			_, err := p.Members(ctx, group)
			return err
		}},
		{"list groups", provider.ScopeInstance, false, func(ctx context.Context, p provider.Provider) error {
			_, err := p.ListGroups(ctx)
			return err
		}},
		{"invite link", provider.ScopeRequest, false, func(ctx context.Context, p provider.Provider) error {
			_, err := p.InviteLink(ctx, group)
			return err
		}},
		{"find invite", provider.ScopeInstance, false, func(ctx context.Context, p provider.Provider) error {
			_, _, err := p.FindInvite(ctx, text, time.Time{})
			return err
		}},
		{"check", checkScope, false, func(ctx context.Context, p provider.Provider) error {
			_, err := p.CheckPhones(ctx, []string{SomePhone})
			return err
		}},
		{"self", provider.ScopeInstance, false, func(ctx context.Context, p provider.Provider) error {
			_, err := p.Self(ctx)
			return err
		}},
	}
	ops = append(ops, setOps(p, group)...)
	if p.Traits().NativeInvite {
		ops = append(ops, Op{"native invite", provider.ScopePerson, true, func(ctx context.Context, p provider.Provider) error {
			_, err := p.Invite(ctx, native)
			return err
		}})
	}
	return ops
}

// Answer is what a provider says on the wire.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
}

// Serve starts a server that gives every request the same answer, and returns its address. In the body PATH stands for
// the request's path, which holds the token.
func Serve(t testing.TB, a Answer) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for k, v := range a.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(a.Status)
		_, _ = strings.NewReplacer("PATH", r.URL.Path).WriteString(w, a.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Outcome is what an error must say. A Scope of "" stands for the operation's own.
type Outcome struct {
	Class      provider.Class
	Scope      provider.Scope
	Health     provider.Health
	Rest       bool
	NoAccount  bool
	Denied     bool
	Quota      provider.Quota
	RetryAfter time.Duration
}

// Doubt returns the outcome of an answer that proves nothing.
func Doubt() Outcome { return Outcome{Class: provider.Unknown} }

// Denial returns the outcome of an answer that refuses without proving that nothing happened.
func Denial() Outcome { return Outcome{Class: provider.Unknown, Denied: true} }

// Refusal returns the outcome of an answer that proves that nothing happened and that the same call would be refused
// again.
func Refusal() Outcome { return Outcome{Class: provider.Refused} }

// Stop returns the outcome of an answer about the instance. No group may fail because of such an answer.
func Stop(h provider.Health) Outcome {
	return Outcome{Class: provider.Limited, Scope: provider.ScopeInstance, Health: h}
}

// Check compares an operation's error with the outcome.
func (want Outcome) Check(t testing.TB, op Op, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want %+v", op.Name, want)
		return
	}
	e := provider.AsError(err)
	if want.Scope == "" {
		want.Scope = op.Scope
	}
	got := Outcome{Class: e.Class, Scope: e.Scope, Health: e.Health, Rest: e.Rest, NoAccount: e.NoAccount, Denied: e.Denied, Quota: e.Quota, RetryAfter: e.RetryAfter}
	if got != want {
		t.Errorf("%s: %v\n got %+v\nwant %+v", op.Name, err, got, want)
	}
	if said := e.Said().String(); e.Op == "" || said == "" || len(said) > 350 {
		t.Errorf("%s: op %q, text %q: want both, and at most 350 bytes", op.Name, e.Op, said)
	}
}

// AssertSays checks what an error says about a person: its words, and whether the person left.
func AssertSays(t testing.TB, err error, words string, left bool) {
	t.Helper()
	if e := provider.AsError(err); !strings.Contains(e.Said().String(), words) || e.Left != left {
		t.Errorf("%q, left %v; want words like %q, left %v", e.Said(), e.Left, words, left)
	}
}

// OfOne is an answer to one operation and what it must mean.
type OfOne struct {
	Name, Op, Body string
	Status         int     // 0 stands for 200
	Want           Outcome // the zero value: a success
	Says           string  // words that a refused person is shown
	Left           bool
}

// AssertAnswers runs each answer's operation against a server that gives the answer, and checks what comes of it.
func AssertAnswers[C provider.Provider](t *testing.T, connect func(t testing.TB, base string) C, answers []OfOne) {
	t.Helper()
	for _, a := range answers {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, Serve(t, Answer{Status: cmp.Or(a.Status, http.StatusOK), Body: a.Body}))
			ops := Ops(c)
			i := slices.IndexFunc(ops, func(op Op) bool { return op.Name == a.Op })
			if i < 0 {
				t.Fatalf("no operation %q", a.Op)
			}
			err := ops[i].Do(t.Context(), c)
			if a.Want == (Outcome{}) {
				if err != nil {
					t.Errorf("%s: %v", a.Op, err)
				}
				return
			}
			a.Want.Check(t, ops[i], err)
			AssertSays(t, err, a.Says, a.Left)
		})
	}
}
