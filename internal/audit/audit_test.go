package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// book is a store that keeps entries in memory; with broken it fails.
type book struct {
	entries []store.AuditEntry
	once    []time.Duration
	broken  error
}

func (b *book) Audit(_ context.Context, e store.AuditEntry, once time.Duration) (bool, error) {
	if b.broken != nil {
		return false, b.broken
	}
	b.entries, b.once = append(b.entries, e), append(b.once, once)
	return true, nil
}

func TestTheDocumentNamesEveryAction(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(string(data), "| `action` |")
	row, _, _ = strings.Cut(row, "|")
	about, named := "", []audit.Action{}
	for word := range strings.FieldsFuncSeq(row, func(r rune) bool { return strings.ContainsRune(" ,`", r) }) {
		if subject, _, full := strings.Cut(word, "."); full {
			about = subject
		} else {
			word = about + "." + word
		}
		named = append(named, audit.Action(word))
	}
	want := slices.Sorted(slices.Values(audit.Actions))
	if slices.Sort(named); !slices.Equal(named, want) {
		t.Errorf("docs/audit.md names the actions %q, want %q", named, want)
	}
}

func TestAnEntryHoldsNoTelephoneNumber(t *testing.T) {
	t.Parallel()
	var b book
	l := &audit.Log{Trail: &b}
	ctx := audit.As(t.Context(), audit.Actor{Name: "crm +55 44 99999-9991", Through: audit.API, From: "203.0.113.9"})
	l.Did(ctx, audit.PauseInstance, audit.About{
		Subjects: []string{"alpha", "+5544999999992", "grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10"},
		Detail:   say.Words("asked by (44) 99999-9993\nand 5544999999994@c.us " + strings.Repeat("x", 300)),
	}, nil)
	data, err := json.Marshal(b.entries)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"9999-999", "99999999", `\n`} {
		if strings.Contains(string(data), secret) {
			t.Errorf("the entry holds %q: %s", secret, data)
		}
	}
	for _, kept := range []string{`"alpha"`, "grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10", "203.0.113.9"} {
		if !strings.Contains(string(data), kept) {
			t.Errorf("%q is missing in %s", kept, data)
		}
	}
	if n := len(b.entries[0].Detail.Text); n > 250 {
		t.Errorf("the detail has %d bytes, want at most 250", n)
	}
}

func TestLogDid_TheResultFollowsFromTheError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want audit.Result
	}{
		{nil, audit.Done},
		{fmt.Errorf("cancel: %w", group.ErrState), audit.Refused},
		{fmt.Errorf("adopt: %w", audit.ErrRefused), audit.Refused},
		{fmt.Errorf("group 1: %w", store.ErrNotFound), audit.NotFound},
		{errors.New("connection reset"), audit.Failed},
	} {
		var b book
		(&audit.Log{Trail: &b}).Did(t.Context(), audit.CancelGroup, audit.About{}, c.err)
		if got := b.entries[0].Result; got != string(c.want) {
			t.Errorf("%v: got %s, want %s", c.err, got, c.want)
		}
		if got := b.entries[0].Detail.String(); c.err != nil && got != say.OfError(c.err).String() || c.err == nil && got != "" {
			t.Errorf("%v: the entry says %q, want the error's sentence", c.err, got)
		}
	}
}

func TestLogDid_MarksWhatChangedNothing(t *testing.T) {
	t.Parallel()
	for _, what := range []audit.Action{audit.Login, audit.Logout} { // a viewer can make any number of them
		var b book
		if (&audit.Log{Trail: &b}).Did(t.Context(), what, audit.About{}, nil); !b.entries[0].Idle {
			t.Errorf("%s: got an entry that pushes others out of the log", what)
		}
	}
	for _, c := range []struct {
		name  string
		about audit.About
		err   error
		idle  bool
	}{
		{"a cancel", audit.About{}, nil, false},
		{"a cancel that was refused", audit.About{}, group.ErrState, true},
		{"a cancel of nothing", audit.About{}, store.ErrNotFound, true},
		{"a group that was created", audit.OfGroup("grp_1", "created"), nil, false},
		{"a group that got more people", audit.OfGroup("grp_1", "updated"), nil, false},
		{"a group that existed", audit.OfGroup("grp_1", "existed"), nil, true},
		{"a batch with one new group", audit.OfBatch("bat_1", "x", 1, 2, 0, 0), nil, false},
		{"a batch with one group that got more people", audit.OfBatch("bat_1", "x", 0, 2, 1, 0), nil, false},
		{"a batch that existed", audit.OfBatch("bat_1", "x", 0, 2, 0, 1), nil, true},
		{"a batch that was cut off", audit.OfBatch("bat_1", "x", 0, 2, 0, 1), errors.New("connection reset"), false},
	} {
		var b book
		(&audit.Log{Trail: &b}).Did(t.Context(), audit.CancelGroup, c.about, c.err)
		if b.entries[0].Idle != c.idle {
			t.Errorf("%s: got an entry that changed nothing %v, want %v", c.name, !c.idle, c.idle)
		}
	}
}

func TestLog_AnActionOnManyIsAFewEntriesThatNameAll(t *testing.T) {
	t.Parallel()
	var b book
	l := &audit.Log{Trail: &b}
	within, flush := l.Gather(audit.As(t.Context(), audit.Actor{Name: "ana"}))
	var want []string
	for i := range 250 {
		id := fmt.Sprintf("grp_%d", i)
		var err error
		if i%50 == 0 {
			err = group.ErrState
		} else {
			want = append(want, id)
		}
		l.Did(within, audit.RetryGroup, audit.About{Subjects: []string{id}}, err)
	}
	flush()
	var done, refused []string
	for _, e := range b.entries {
		if e.Actor != "ana" || e.Count != len(e.Subjects) {
			t.Errorf("got %+v, want ana, and the count of its subjects", e)
		}
		switch e.Result {
		case "done":
			done = append(done, e.Subjects...)
		case "refused":
			refused = append(refused, e.Subjects...)
		}
	}
	if len(b.entries) != 4 || !slices.Equal(done, want) || len(refused) != 5 {
		t.Errorf("got %d entries with %d done and %d refused, want 4 with %d and 5", len(b.entries), len(done), len(refused), len(want))
	}
	flush()
	if len(b.entries) != 4 {
		t.Errorf("a second flush wrote again: %d entries", len(b.entries))
	}
}

func TestLogDid_EntriesNameEveryPersonOfOneAction(t *testing.T) {
	t.Parallel()
	var people, named []string
	for i := range 250 {
		people = append(people, fmt.Sprintf("person%d", i))
	}
	var b book
	l := &audit.Log{Trail: &b}
	l.Did(t.Context(), audit.Unsuppress, audit.About{Subjects: people, Count: len(people)}, nil)
	count := 0
	for _, e := range b.entries {
		named, count = append(named, e.Subjects...), count+e.Count
	}
	if len(b.entries) != 3 || !slices.Equal(named, people) || count != len(people) {
		t.Errorf("got %d entries that name %d people and count %d, want 3 with %d", len(b.entries), len(named), count, len(people))
	}
}

func TestLog_AnEntryThatRedisRefusesGoesToLost(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection refused")
	var told store.AuditEntry
	l := &audit.Log{Trail: &book{broken: broken}, Lost: func(e store.AuditEntry, err error) {
		if !errors.Is(err, broken) {
			t.Errorf("got %v, want %v", err, broken)
		}
		told = e
	}}
	l.Did(t.Context(), audit.CancelGroup, audit.About{Subjects: []string{"grp_1"}}, nil)
	if told.Action != "group.cancel" || !slices.Equal(told.Subjects, []string{"grp_1"}) {
		t.Errorf("got %+v, want the whole entry", told)
	}
	var none *audit.Log // of a program that uses the Go client
	none.Did(t.Context(), audit.CancelGroup, audit.About{}, nil)
	none.Saw(t.Context(), audit.About{})
}

func TestLogSaw_AsksForOneEntryAnHour(t *testing.T) {
	t.Parallel()
	var b book
	l := &audit.Log{Trail: &b}
	l.Saw(t.Context(), audit.About{Subjects: []string{"bat_1"}})
	l.Did(t.Context(), audit.Suppress, audit.About{}, nil)
	if !slices.Equal(b.once, []time.Duration{time.Hour, 0}) || b.entries[0].Action != "phones.see" {
		t.Errorf("got %v and %+v, want phones.see once an hour and a change each time", b.once, b.entries)
	}
}
