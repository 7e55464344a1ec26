package enqueue

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
)

// The public documents equal the program's own, field by field, so a Client returns what the HTTP API answers.
func TestShown_IsTheDocumentFieldByField(t *testing.T) {
	t.Parallel()
	var full group.Document
	filled(reflect.ValueOf(&full).Elem())
	for _, d := range []group.Document{full, {}, {Error: &group.Error{}, Members: []group.MemberDocument{{}}}} {
		alike(t, d, shown(d))
	}
}

func TestShownBatch_IsTheDocumentFieldByField(t *testing.T) {
	t.Parallel()
	var full group.BatchDocument
	filled(reflect.ValueOf(&full).Elem())
	for _, d := range []group.BatchDocument{full, {}} {
		alike(t, d, shownBatch(d))
	}
}

func TestSummary_CountsPeopleAsTheReaderDoes(t *testing.T) {
	t.Parallel()
	var read, told map[string]any
	var counted intake.People
	filled(reflect.ValueOf(&counted).Elem())
	r := run{people: counted, sum: newSummary("x")}
	r.countPeople()
	decode(t, counted, &read)
	decode(t, r.sum.People, &told)
	for name, want := range read {
		if diff := cmp.Diff(want, told[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestStatus_WordsAreThoseOfTheDomain(t *testing.T) {
	t.Parallel()
	states := []Status{StatusQueued, StatusCreating, StatusVerifying, StatusInviting, StatusReview, StatusDone, StatusFailed, StatusCancelled}
	if diff := cmp.Diff(each(group.Statuses, func(s group.Status) Status { return Status(s) }), states); diff != "" {
		t.Errorf("states of a group (-want +got):\n%s", diff)
	}
	members := []MemberStatus{
		MemberPending, MemberAdded, MemberInviteQueued, MemberInvited, MemberJoined, MemberNotAdded, MemberNotOnWhatsApp, MemberInvalid,
		MemberOptedOut, MemberLeft, MemberInviteFailed, MemberInviteUnknown, MemberUnidentified, MemberRequested,
	}
	if diff := cmp.Diff(each(group.MemberStatuses, func(s group.MemberStatus) MemberStatus { return MemberStatus(s) }), members); diff != "" {
		t.Errorf("states of a member (-want +got):\n%s", diff)
	}
	if StatusUnreadable != Status(group.Unreadable) {
		t.Errorf("unreadable is %q, want %q", StatusUnreadable, group.Unreadable)
	}
}

func alike(t *testing.T, want, got any) {
	t.Helper()
	var is, has any
	decode(t, want, &is)
	decode(t, got, &has)
	if diff := cmp.Diff(is, has); diff != "" {
		t.Errorf("%T and %T differ (-want +got):\n%s", want, got, diff)
	}
}

func decode(t *testing.T, doc, into any) {
	t.Helper()
	text, err := json.Marshal(doc)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// filled sets every field of a document to a value that is not zero.
func filled(v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.Type() == reflect.TypeFor[say.Phrase]() {
				f.Set(reflect.ValueOf(say.Words(v.Type().Field(i).Name)))
				continue
			}
			filled(v.Field(i))
			if f := v.Field(i); f.Kind() == reflect.String {
				f.SetString(v.Type().Field(i).Name) // different values, so that a mix-up shows
			} else if f.CanInt() {
				f.SetInt(int64(i + 1))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(key)
		filled(value)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Interface:
		v.Set(reflect.ValueOf("any"))
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(7)
	}
}
