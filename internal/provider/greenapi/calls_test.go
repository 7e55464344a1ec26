package greenapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/greenapi"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/tasks"
)

// record answers each call with the next answer of its method; the last answer of a method serves for ever.
func record(t *testing.T, answers map[string][]string) (*providertest.Recorder, *greenapi.Client) {
	t.Helper()
	next := map[string]int{}
	rec, base := providertest.Record(t, "/waInstance7105000001/", func(_ int, r *http.Request, _ string) string {
		method := path.Base(path.Dir(r.URL.Path))
		said := answers[method]
		if len(said) == 0 {
			t.Errorf("unexpected call of %s", method)
			return ""
		}
		n := min(next[method], len(said)-1)
		next[method]++
		return said[n]
	})
	return rec, newClient(t, base)
}

func TestCreateGroup_SendsTheDocumentedBody(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"createGroup": {`{"created":true,"chatId":"120363000000000001@g.us","groupInviteLink":"https://chat.whatsapp.com/A"}`}})
	got, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "Class 12", Addresses: []string{"79000000001", "12@lid", "79000000002"}})
	want := provider.Created{GroupID: "120363000000000001@g.us", InviteLink: "https://chat.whatsapp.com/A", NotAdded: []string{"12@lid"}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	rec.Want(t, "POST createGroup/"+token+` {"groupName":"Class 12","chatIds":["79000000001@c.us","79000000002@c.us"]}`)
	if _, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "T", Addresses: []string{"12@lid"}}); provider.AsError(err).Class != provider.Refused {
		t.Errorf("a create without a number: got %v, want refused", err)
	}
}

func TestMembers_ReadsNumbersAndLIDs(t *testing.T) {
	t.Parallel()
	const body = `{"groupId":"120363000000000001@g.us","owner":"79000000000@c.us","subject":"Class 12","creation":1763740800,
		"groupInviteLink":"https://chat.whatsapp.com/A","size":%d,"participants":[
		{"id":"79000000000@c.us","lid":"100@lid","isAdmin":true,"isSuperAdmin":true},
		{"id":"200@lid","isAdmin":false},{"id":"79000000002@c.us","lid":null}]}`
	rec, c := record(t, map[string][]string{"getGroupData": {fmt.Sprintf(body, 3), fmt.Sprintf(body, 4), strings.ReplaceAll(body, `"size":%d,`, "")}})
	want := provider.Roll{
		GroupID: "120363000000000001@g.us", Subject: "Class 12", Owner: phone.Identity{Digits: "79000000000"},
		CreatedAt: time.Unix(1763740800, 0).UTC(), InviteLink: "https://chat.whatsapp.com/A",
		Participants: []provider.Participant{
			{Identity: phone.Identity{Digits: "79000000000", LID: "100@lid"}, Admin: true},
			{Identity: phone.Identity{LID: "200@lid"}},
			{Identity: phone.Identity{Digits: "79000000002"}},
		},
	}
	for _, complete := range []bool{true, false, true} {
		want.Complete = complete
		got, err := c.Members(t.Context(), "120363000000000001@g.us")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	link, err := c.InviteLink(t.Context(), "120363000000000001@g.us")
	if err != nil || link != "https://chat.whatsapp.com/A" {
		t.Errorf("got link %q, %v; want https://chat.whatsapp.com/A", link, err)
	}
	if got, want := rec.Calls()[0], "POST getGroupData/"+token+` {"groupId":"120363000000000001@g.us"}`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

func TestListGroups_MergesContactsAndChats(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{
		"getContacts": {`[]`, `[{"id":"1@g.us","name":"","contactName":"","type":"group"},{"id":"2@g.us","name":"Other","type":"group"},{"id":"3@g.us","name":"Class 12 "}]`},
		"getChats":    {`[{"id":"1@g.us","name":"Other"},{"id":"4@g.us","name":""},{"id":"79000000001@c.us","name":"Class 12"},{"id":"5@lid"},{"id":"6@g.us","name":"Class 12","archive":false}]`},
	})
	got, err := c.ListGroups(t.Context())
	want := []provider.Listed{
		{GroupID: "1@g.us", Name: "Other"},
		{GroupID: "4@g.us"},
		{GroupID: "6@g.us", Name: "Class 12"},
		{GroupID: "2@g.us", Name: "Other"},
		{GroupID: "3@g.us", Name: "Class 12"},
	}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	rec.Want(
		t,
		"GET getContacts/"+token+"?group=true",
		"GET getContacts/"+token+"?group=true", // the first was empty
		"GET getChats/"+token,
	)
}

func TestListGroups_WithoutBothListsIsAnError(t *testing.T) {
	t.Parallel()
	groups, broken := `[{"id":"1@g.us","name":"Class 12"}]`, `{"statusCode":500}`
	tests := map[string]map[string][]string{
		"contacts broken":                     {"getContacts": {broken}, "getChats": {groups}},
		"chats broken":                        {"getContacts": {groups}, "getChats": {broken}},
		"contacts empty although chats exist": {"getContacts": {`[]`}, "getChats": {groups}},
	}
	for name, answers := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := record(t, answers)
			if got, err := c.ListGroups(t.Context()); err == nil || got != nil {
				t.Errorf("got %v, %v; want an error alone", got, err)
			}
		})
	}
	_, c := record(t, map[string][]string{"getContacts": {`[]`}, "getChats": {`[]`}})
	if got, err := c.ListGroups(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("an account without a group: got %v, %v; want an empty list", got, err)
	}
}

func TestInvite_SendsTheDocumentedBodies(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"sendMessage": {`{"idMessage":"M1"}`}})
	i := provider.Invitation{Via: provider.ViaText, Address: "79000000002", Text: "a\n<b>"}
	sent, err := c.Invite(t.Context(), i)
	if err != nil || sent.MessageID != "M1" {
		t.Errorf("got %+v, %v; want M1", sent, err)
	}
	i.Address = "12@lid"
	if _, err := c.Invite(t.Context(), i); err != nil {
		t.Error(err)
	}
	i.Address = "x"
	if _, err := c.Invite(t.Context(), i); provider.AsError(err).Scope != provider.ScopePerson {
		t.Errorf("invite of no number: got %v, want an error of the person", err)
	}
	i.Via = provider.ViaNative
	if _, err := c.Invite(t.Context(), i); provider.AsError(err).Class != provider.Refused {
		t.Errorf("native invite: got %v, want refused", err)
	}
	rec.Want(
		t,
		"POST sendMessage/"+token+` {"chatId":"79000000002@c.us","message":"a\n<b>"}`,
		"POST sendMessage/"+token+` {"chatId":"12@lid","message":"a\n<b>"}`,
	)
}

func TestFindInvite_LooksInQueueAndJournal(t *testing.T) {
	t.Parallel()
	since := time.Unix(1763740800, 999)
	i := provider.Invitation{Via: provider.ViaText, Address: "79000000002", Text: "Join: x"}
	const (
		empty  = `[]`
		queue  = `[{"messageID":"Q0","type":"sendMessage","body":{"chatId":"79000000001@c.us","message":"Join: x"}},{"messageID":"Q1","type":"sendMessage","body":{"chatId":"79000000002@c.us","message":"Join: x"}}]`
		old    = `[{"typeMessage":"x","chatId":"79000000002@c.us","message":"Join: x"}]`
		before = `[{"idMessage":"J0","timestamp":1763740700,"chatId":"79000000002@c.us","textMessage":"Join: x"}]`
		sent   = `[{"idMessage":"J1","timestamp":1763740800,"chatId":"79000000002@c.us","statusMessage":"failed","sendByApi":true,"textMessage":"Join: x"}]`
		linked = `[{"idMessage":"J2","timestamp":1763740801,"chatId":"79000000002@c.us","extendedTextMessage":{"text":"Join:  x"}}]`
	)
	tests := []struct {
		name, queue, journal, want string
		found                      bool
	}{
		{name: "in the queue", queue: queue, journal: empty, want: "Q1", found: true},
		{name: "in a queue of 2021", queue: old, journal: empty, found: true},
		{name: "in the journal", queue: empty, journal: sent, want: "J1", found: true},
		{name: "in the journal, with a preview", queue: empty, journal: linked, want: "J2", found: true},
		{name: "an older one", queue: empty, journal: before},
		{name: "nowhere", queue: empty, journal: empty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, c := record(t, map[string][]string{"showMessagesQueue": {tt.queue}, "lastOutgoingMessages": {tt.journal}})
			got, found, err := c.FindInvite(t.Context(), i, since)
			if err != nil || found != tt.found || got.MessageID != tt.want {
				t.Errorf("got %+v, %v, %v; want %q, %v", got, found, err, tt.want, tt.found)
			}
		})
	}
	// An error here keeps a message that may have been sent from being sent again: not found is a proof (traits.Journal).
	const stranger = `{"messageID":"Q0","type":"sendMessage","body":{"chatId":"79000000001@c.us","message":"Join: x"}}`
	full := "[" + strings.Repeat(stranger+",", 499) + stranger + "]"
	hidden := `[{"idMessage":"J3","timestamp":1763740801,"chatId":"100@lid","textMessage":"Join: x"}]`
	for name, answers := range map[string][2]string{
		"without a journal":                   {empty, `{}`},
		"a queue of which the rest is hidden": {full, empty},
		"a journal that names a LID":          {empty, hidden},
	} {
		_, c := record(t, map[string][]string{"showMessagesQueue": answers[:1], "lastOutgoingMessages": answers[1:]})
		if _, found, err := c.FindInvite(t.Context(), i, since); err == nil || found {
			t.Errorf("%s: found %v, %v; want an error", name, found, err)
		}
	}
	for name, answers := range map[string][2]string{
		"in the journal, beside a full queue": {full, sent},
		"in the journal, beside a LID":        {empty, hidden[:len(hidden)-1] + "," + sent[1:]},
	} {
		_, c := record(t, map[string][]string{"showMessagesQueue": answers[:1], "lastOutgoingMessages": answers[1:]})
		if got, found, err := c.FindInvite(t.Context(), i, since); err != nil || !found || got.MessageID != "J1" {
			t.Errorf("%s: got %+v, %v, %v; want J1", name, got, found, err)
		}
	}
}

func TestCheckPhones_IsKeyedByTheNumbersAsked(t *testing.T) {
	t.Parallel()
	rec, base := providertest.Record(t, "/waInstance7105000001/checkWhatsapp/"+token, func(_ int, _ *http.Request, body string) string {
		switch {
		case strings.Contains(body, "79000000001"):
			return `{"existsWhatsapp":true,"chatId":"100@lid","username":"","phoneNumber":"79000000001@c.us","fromCache":false}`
		case strings.Contains(body, "5511987654321"):
			return `{"existsWhatsapp":"true","chatId":"551187654321@c.us"}`
		case strings.Contains(body, "5@lid"):
			return `{"existsWhatsapp":true}`
		}
		return `{"existsWhatsapp":false,"chatId":""}`
	})
	got, err := newClient(t, base).CheckPhones(t.Context(), []string{"79000000001", "5511987654321", "79000000009", "5@lid", "x"})
	want := map[string]provider.Checked{
		"79000000001":   {Exists: true, Identity: phone.Identity{Digits: "79000000001", LID: "100@lid"}},
		"5511987654321": {Exists: true, Identity: phone.Identity{Digits: "551187654321"}},
		"79000000009":   {},
		"5@lid":         {Exists: true},
	}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	sent := rec.Calls()
	slices.Sort(sent)
	if diff := cmp.Diff([]string{
		`POST  {"chatId":"5511987654321@c.us"}`, `POST  {"chatId":"5@lid"}`,
		`POST  {"chatId":"79000000001@c.us"}`, `POST  {"chatId":"79000000009@c.us"}`,
	}, sent); diff != "" {
		t.Error(diff)
	}
}

func TestCheckPhones_AsksAnOldHostByPhoneNumber(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ PhoneNumber json.Number }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.PhoneNumber) < 11 || len(in.PhoneNumber) > 12 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, envelope("bad phone number, valid 11 or 12 digits"))
			return
		}
		_, _ = io.WriteString(w, `{"existsWhatsapp":true}`)
	}))
	t.Cleanup(s.Close)
	got, err := newClient(t, s.URL).CheckPhones(t.Context(), []string{"79000000001", "5511987654321", "5@lid"})
	want := map[string]provider.Checked{"79000000001": {Exists: true}} // the host cannot check the others
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestCheckPhones_ANoWithoutItsChatIDIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// This host knows phoneNumber only: asked by chatId, it looks for the number 0.
		var in struct{ PhoneNumber int64 }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.PhoneNumber > 999_999_999_999 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, envelope("bad phone number, valid 11 or 12 digits"))
			return
		}
		_, _ = fmt.Fprintf(w, `{"existsWhatsapp":%t}`, in.PhoneNumber == 79000000001)
	}))
	t.Cleanup(s.Close)
	got, err := newClient(t, s.URL).CheckPhones(t.Context(), []string{"79000000001", "79000000002", "5511987654321"})
	want := map[string]provider.Checked{"79000000001": {Exists: true}, "79000000002": {}, "5511987654321": {}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestCheckPhones_AnErrorInTheMiddleKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	_, base := providertest.Record(t, "", func(n int, _ *http.Request, _ string) string {
		if n > 20 {
			return `{"code":401,"description":"Unauthorized"}`
		}
		return `{"existsWhatsapp":true}`
	})
	var asked []string
	for i := range 100 {
		asked = append(asked, fmt.Sprintf("790000%05d", i))
	}
	got, err := newClient(t, base).CheckPhones(t.Context(), asked)
	if e, ok := errors.AsType[*provider.Error](err); !ok || e.Health != provider.Unauthorized || len(got) != 20 {
		t.Errorf("got %d answers, %v; want the 20 before the error, and the error", len(got), err)
	}
}

func TestState_IsReadAndExplained(t *testing.T) {
	t.Parallel()
	until := time.Unix(1763750000, 0).UTC()
	tests := map[string]provider.State{
		"authorized":    {Health: provider.Ready},
		"notAuthorized": {Health: provider.Disconnected},
		"blocked":       {Health: provider.Restricted},
		"starting":      {Health: provider.Starting},
		"sleepMode":     {Health: provider.Disconnected},
		"yellowCard":    {Health: provider.Restricted},
		"suspended":     {Health: provider.Restricted, Until: until},
		"tomorrow":      {Health: provider.UnknownState},
	}
	for word, want := range tests {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			_, c := record(t, map[string][]string{
				"getStateInstance": {`{"stateInstance":"` + word + `"}`},
				"getWaSettings":    {`{"phone":"79000000000","stateInstance":"suspended","suspendedUntil":1763750000}`},
			})
			got, err := c.State(t.Context())
			if err != nil || got.Health != want.Health || !got.Until.Equal(want.Until) || (got.Health == provider.Ready) != got.Reason.Zero() {
				t.Errorf("got %+v, %v; want %+v, with a reason unless ready", got, err, want)
			}
		})
	}
	_, c := record(t, map[string][]string{"getStateInstance": {`{"code":401,"description":"Unauthorized"}`}})
	if got, err := c.State(t.Context()); err != nil || got.Health != provider.Unauthorized || got.Reason.Zero() {
		t.Errorf("a wrong token: got %+v, %v; want the state unauthorized with a reason", got, err)
	}
	_, c = record(t, map[string][]string{"getStateInstance": {`{"stateInstance":"suspended"}`}, "getWaSettings": {`{"code":500,"description":"x"}`}})
	if got, err := c.State(t.Context()); err != nil || got.Health != provider.Restricted || !got.Until.IsZero() {
		t.Errorf("a suspension without a known end: got %+v, %v; want restricted without an end", got, err)
	}
}

func TestSelf_IsTheNumberInTheSettings(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"phone":"79000000000","chatId":"79000000000@c.us"}`, `{"phone":79000000000}`, `{"phone":"","chatId":"79000000000@c.us"}`} {
		_, c := record(t, map[string][]string{"getWaSettings": {body}})
		got, err := c.Self(t.Context())
		if err != nil || got != (phone.Identity{Digits: "79000000000"}) {
			t.Errorf("%s: got %v, %v; want 79000000000", body, got, err)
		}
	}
}

func TestClient_EveryMethodHasItsDocumentedRate(t *testing.T) {
	t.Parallel()
	got := map[string]float64{}
	var mu sync.Mutex
	c, err := greenapi.Spec.Connect(spec.Config{
		InstanceID: "1", Credentials: spec.Credentials{"token": token},
		Layers: func(wire.Doer) wire.Doer {
			return wire.DoerFunc(func(_ context.Context, c wire.Call) error {
				mu.Lock()
				defer mu.Unlock()
				got[c.Method] = c.PerSecond
				return nil
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range providertest.Ops(c) {
		_ = op.Do(t.Context(), c) // only the rate counts
	}
	_, _ = c.State(t.Context())
	want := map[string]float64{
		"createGroup": 1, "getGroupData": 1, "getContacts": 1, "getStateInstance": 1, "getWaSettings": 1, "lastOutgoingMessages": 1,
		"getChats": 1, "showMessagesQueue": 1, // not documented: the slowest rate
		"addGroupParticipant": 10, "checkWhatsapp": 10, "sendMessage": 50,
		"setGroupPicture": 1, "setGroupAdmin": 10,
		"updateGroupSettings": 1, // not documented
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestClientPromote_MixedResultProvesNothing(t *testing.T) {
	t.Parallel()
	const (
		group = "120363000000000001@g.us"
		one   = "79000000001"
		other = "79000000002"
		yes   = `{"setGroupAdmin":true}`
	)
	unauthorized := `{"code":401,"description":"Unauthorized"}`
	tests := map[string]struct {
		people  []string
		answers []string
		class   provider.Class
		denied  bool
		calls   int
	}{
		"all":                       {[]string{one, other}, []string{yes}, "", false, 2},
		"no address, then a yes":    {[]string{"x", one}, []string{yes}, provider.Unknown, true, 1},
		"a yes, then no address":    {[]string{one, "x"}, []string{yes}, provider.Unknown, true, 1},
		"no address at all":         {[]string{"x"}, []string{yes}, provider.Refused, false, 0},
		"a no, then a yes":          {[]string{one, other}, []string{`{"setGroupAdmin":false}`, yes}, provider.Unknown, true, 2},
		"unreadable, no address":    {[]string{one, "x"}, []string{`{}`}, provider.Unknown, false, 1},
		"a yes, then unauthorized":  {[]string{one, other}, []string{yes, unauthorized}, provider.Unknown, false, 2},
		"unauthorized at the start": {[]string{one, other}, []string{unauthorized}, provider.Limited, false, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, c := record(t, map[string][]string{"setGroupAdmin": tt.answers})
			err := c.Promote(t.Context(), group, tt.people)
			if n := len(rec.Calls()); n != tt.calls {
				t.Errorf("got %d calls, want %d", n, tt.calls)
			}
			if tt.class == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := provider.AsError(err); err == nil || e.Class != tt.class || e.Denied != tt.denied {
				t.Errorf("got %v of class %q, denied %v; want %q, %v", err, e.Class, e.Denied, tt.class, tt.denied)
			}
		})
	}
}

func TestClientSetPhoto_SendsAForm(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"setGroupPicture": {`{"setGroupPicture":true,"urlAvatar":"https://x","reason":null}`}})
	if err := c.SetPhoto(t.Context(), "120363000000000001@g.us", []byte("jpeg")); err != nil {
		t.Error(err)
	}
	providertest.AssertForm(t, rec, "POST setGroupPicture/"+token, "file", "jpeg", map[string]string{"groupId": "120363000000000001@g.us"})
}

func TestClientSetSettings_SendsTheOppositeOfWhatOnlyAdminsMay(t *testing.T) {
	t.Parallel()
	on, off := true, false
	rec, c := record(t, map[string][]string{"updateGroupSettings": {`{"updateGroupSettings":true,"reason":null}`}})
	for _, s := range []tasks.Settings{{OnlyAdminsSend: &on, OnlyAdminsEdit: &off}, {OnlyAdminsEdit: &on}} {
		if err := c.SetSettings(t.Context(), "120363000000000001@g.us", s); err != nil {
			t.Error(err)
		}
	}
	const call = "POST updateGroupSettings/" + token + ` {"groupId":"120363000000000001@g.us",`
	rec.Want(
		t,
		call+`"allowParticipantsEditGroupSettings":true,"allowParticipantsSendMessages":false}`,
		call+`"allowParticipantsEditGroupSettings":false}`,
	)
}

func TestClientPromote_MakesOneCallForEachPerson(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"setGroupAdmin": {`{"setGroupAdmin":true}`}})
	if err := c.Promote(t.Context(), "120363000000000001@g.us", []string{"79000000001", "12@lid"}); err != nil {
		t.Error(err)
	}
	const call = "POST setGroupAdmin/" + token + ` {"groupId":"120363000000000001@g.us","participantChatId":`
	rec.Want(t, call+`"79000000001@c.us"}`, call+`"12@lid"}`)
}

func TestMembers_ReadsNoOtherGroup(t *testing.T) {
	t.Parallel()
	for told, right := range map[string]bool{"120363000000000002@g.us": false, "120363000000000001@g.us": true, "": true} {
		_, c := record(t, map[string][]string{"getGroupData": {`{"groupId":"` + told + `","size":"1","participants":[{"id":"5511900000000@c.us"}]}`}})
		roll, err := c.Members(t.Context(), "120363000000000001@g.us")
		if right != (err == nil) || right && !roll.Complete {
			t.Errorf("an answer of %q: got %+v, %v, want it read: %v", told, roll, err, right)
		}
	}
}

func TestCheckPhones_BelievesNoAnswerAboutAnotherPerson(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"existsWhatsapp":true,"chatId":"79000000002@c.us"}`, `{"existsWhatsapp":false,"chatId":"79000000002@c.us"}`,
		`{"existsWhatsapp":true,"chatId":"100@lid","phoneNumber":"79000000002@c.us"}`,
	} {
		_, c := record(t, map[string][]string{"checkWhatsapp": {answer}})
		if got, err := c.CheckPhones(t.Context(), []string{"79000000001"}); err != nil || len(got) != 0 {
			t.Errorf("%s: got %+v, %v; want no answer", answer, got, err)
		}
	}
}
