package evolution_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/evolution"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/tasks"
)

const groupID = "120363000000000001@g.us"

// record answers each call with the next answer for its path (without the instance), and repeats the last one.
func record(t *testing.T, answers map[string][]string) (*providertest.Recorder, *evolution.Client) {
	t.Helper()
	next := map[string]int{}
	rec, base := providertest.Record(t, "", func(_ int, r *http.Request, _ string) string {
		if r.Header.Get("apikey") != key {
			t.Errorf("%s came without the key", r.URL.Path)
		}
		method := strings.Trim(strings.TrimSuffix(r.URL.Path, "/school"), "/")
		said := answers[method]
		if len(said) == 0 {
			t.Errorf("unexpected call of %q", method)
			return ""
		}
		n := min(next[method], len(said)-1)
		next[method]++
		return said[n]
	})
	return rec, newClient(t, base)
}

func TestCreateGroup_SendsNothingThatCanFailAfterTheCreate(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"chat/whatsappNumbers": {"[]"}, "group/create": {`{"id":"` + groupID + `"}`}})
	got, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "Class 12", Addresses: []string{"5511900000001", "12@lid", "298123456"}})
	want := provider.Created{GroupID: groupID, NotAdded: []string{"12@lid"}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	rec.Want(t, `POST /chat/whatsappNumbers/school {"numbers":["5511900000001","298123456"]}`,
		`POST /group/create/school {"subject":"Class 12","participants":["5511900000001","298123456@s.whatsapp.net"]}`)
	if _, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "T", Addresses: []string{"12@lid"}}); provider.AsError(err).Class != provider.Refused {
		t.Errorf("a create without a number: got %v, want refused", err)
	}
}

// The server's list of numbers takes a Brazilian mobile for the landline without its ninth digit, and a number for one
// that ends with it (E2).
func TestCreateGroup_LeavesOutWhomTheServerTakesForAnother(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{
		"group/create": {`{"id":"` + groupID + `"}`},
		"chat/whatsappNumbers": {`[{"jid":"551133334444@s.whatsapp.net","exists":true,"number":"5511933334444"},
			{"jid":"51987654321@s.whatsapp.net","exists":true,"number":"5551987654321"},
			{"jid":"551187654321@s.whatsapp.net","exists":true,"number":"5511987654321"}]`, `[{"jid":"551133334444@s.whatsapp.net","exists":true,"number":"5511933334444"}]`},
	})
	got, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "Class 12", Addresses: []string{"5511933334444", "5551987654321", "5511987654321"}})
	want := provider.Created{GroupID: groupID, NotAdded: []string{"5511933334444", "5551987654321"}}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if _, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "T", Addresses: []string{"5511933334444"}}); provider.AsError(err).Class != provider.Refused {
		t.Errorf("a create of strangers only: got %v, want refused", err)
	}
	rec.Want(t, `POST /chat/whatsappNumbers/school {"numbers":["5511933334444","5551987654321","5511987654321"]}`,
		`POST /group/create/school {"subject":"Class 12","participants":["5511987654321"]}`,
		`POST /chat/whatsappNumbers/school {"numbers":["5511933334444"]}`)
}

// slow answers like a server, except that number checks that contain late get no answer in time.
type slow struct {
	late  string
	asked atomic.Int32
	next  http.RoundTripper
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.Contains(r.URL.Path, "whatsappNumbers") && bytes.Contains(body, []byte(s.late)) {
		s.asked.Add(1)
		return nil, context.DeadlineExceeded
	}
	return s.next.RoundTrip(r)
}

func TestClient_CallsNoPersonWhomASlowServerMayTakeForAnother(t *testing.T) {
	t.Parallel()
	rec, base := providertest.Record(t, "", func(int, *http.Request, string) string { return "[]" })
	transport := wire.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	s := &slow{late: "5511900000250", next: transport}
	c := newClientOver(t, base, s)
	people := make([]string, 300)
	for i := range people {
		people[i] = fmt.Sprintf("5511900000%03d", i)
	}
	_, failed := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "Class 12", Addresses: people})
	_, unsent := c.Invite(t.Context(), provider.Invitation{Via: provider.ViaText, Address: "5511900000250", Text: "Come in"})
	for _, err := range []error{failed, unsent} {
		if e := provider.AsError(err); e.Class != provider.NotSent || e.Scope != provider.ScopeRequest {
			t.Errorf("got %v of class %q, want it to be sent later", err, e.Class)
		}
	}
	if calls := strings.Join(rec.Calls(), "\n"); s.asked.Load() != 2 || strings.Contains(calls, "group/create") || strings.Contains(calls, "sendText") {
		t.Errorf("the server got %q, want questions about numbers only", calls)
	}
}

func TestInvite_WritesToNoStranger(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"chat/whatsappNumbers": {
		`[{"jid":"551133334444@s.whatsapp.net","exists":true,"number":"5511933334444"}]`, `[{"jid":"551133334444@s.whatsapp.net","exists":false,"number":"551133334444"}]`,
	}})
	for _, to := range []string{"5511933334444", "551133334444"} {
		_, err := c.Invite(t.Context(), provider.Invitation{Via: provider.ViaText, Address: to, Text: "Come in"})
		if e := provider.AsError(err); e.Class != provider.Refused || e.Scope != provider.ScopePerson || e.NoAccount != (to == "551133334444") {
			t.Errorf("to %s: got %v, want a refusal", to, err)
		}
	}
	rec.Want(t, `POST /chat/whatsappNumbers/school {"numbers":["5511933334444"]}`, `POST /chat/whatsappNumbers/school {"numbers":["551133334444"]}`)
}

func TestMembers_ReadsTheAddressesOfBothServers(t *testing.T) {
	t.Parallel()
	const head = `{"id":"` + groupID + `","subject":"Class 12","creation":1763740800,"owner":"100@lid",`
	for name, body := range map[string]string{
		"Evolution API": head + `"size":3,"participants":[
			{"id":"100@lid","phoneNumber":"5511900000000@s.whatsapp.net","admin":"superadmin"},
			{"id":"200@lid","phoneNumber":"200","admin":null},
			{"id":"5511900000002@s.whatsapp.net","lid":"300@lid","admin":null}]}`,
		"whatsmiau": head + `"size":3,"participants":[
			{"jid":"5511900000000@s.whatsapp.net","lid":"100@lid","isAdmin":true,"isSuperAdmin":true},
			{"jid":"200@lid","lid":"200@lid"},
			{"jid":"5511900000002@s.whatsapp.net","lid":"300@lid"}]}`,
	} {
		rec, c := record(t, map[string][]string{"group/findGroupInfos": {body, strings.Replace(body, `"size":3`, `"size":4`, 1)}})
		want := provider.Roll{
			GroupID: groupID, Subject: "Class 12", Owner: phone.Identity{Digits: "5511900000000", LID: "100@lid"},
			CreatedAt: time.Unix(1763740800, 0).UTC(), Complete: true,
			Participants: []provider.Participant{
				{Identity: phone.Identity{Digits: "5511900000000", LID: "100@lid"}, Admin: true},
				{Identity: phone.Identity{LID: "200@lid"}}, // the digits of a LID are not a number
				{Identity: phone.Identity{Digits: "5511900000002", LID: "300@lid"}},
			},
		}
		for _, complete := range []bool{true, false} {
			want.Complete = complete
			if got, err := c.Members(t.Context(), groupID); err != nil || !cmp.Equal(want, got) {
				t.Errorf("%s: got %v (-want +got):\n%s", name, err, cmp.Diff(want, got))
			}
		}
		rec.Want(t, "GET /group/findGroupInfos/school?groupJid=120363000000000001%40g.us", "GET /group/findGroupInfos/school?groupJid=120363000000000001%40g.us")
	}
}

func TestListGroups_ReadsWhenAGroupWasCreated(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"group/fetchAllGroups": {`[
		{"id":"` + groupID + `","subject":" Class 12 ","creation":1763740800},{"id":"5511@s.whatsapp.net","subject":"no group"},
		{"id":"5511900000000-1587570015@g.us","subject":null}]`}})
	got, err := c.ListGroups(t.Context())
	want := []provider.Listed{
		{GroupID: groupID, Name: "Class 12", ExistedAt: time.Unix(1763740800, 0).UTC()},
		{GroupID: "5511900000000-1587570015@g.us", ExistedAt: time.Unix(1587570015, 0).UTC()},
	}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v (-want +got):\n%s", err, cmp.Diff(want, got))
	}
	rec.Want(t, "GET /group/fetchAllGroups/school?getParticipants=false")
}

// WhatsApp's answer to whatsmeow, which whatsmiau uses, ends at 500 groups (W3).
func TestListGroups_AListOfExactly500ProvesNoGroupAbsent(t *testing.T) {
	t.Parallel()
	for n, whole := range map[int]bool{499: true, 500: false, 501: true} {
		entries := make([]string, n)
		for i := range entries {
			entries[i] = fmt.Sprintf(`{"id":"120363%012d@g.us","subject":"x"}`, i)
		}
		_, c := record(t, map[string][]string{"group/fetchAllGroups": {"[" + strings.Join(entries, ",") + "]"}})
		got, err := c.ListGroups(t.Context())
		if whole && (err != nil || len(got) != n) || !whole && err == nil {
			t.Errorf("%d groups: got %d, %v; want them all: %v", n, len(got), err, whole)
		}
	}
}

func TestInvite_SendsOneText(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"chat/whatsappNumbers": {"[]"}, "message/sendText": {`{"key":{"id":"3EB0A"}}`}})
	for _, to := range []string{"5511900000001", "12@lid"} {
		sent, err := c.Invite(t.Context(), provider.Invitation{Via: provider.ViaText, Address: to, Text: "Come <in> & see"})
		if err != nil || sent.MessageID != "3EB0A" {
			t.Errorf("to %s: got %+v, %v; want 3EB0A", to, sent, err)
		}
	}
	rec.Want(t, `POST /chat/whatsappNumbers/school {"numbers":["5511900000001"]}`, `POST /message/sendText/school {"number":"5511900000001","text":"Come <in> & see"}`,
		`POST /message/sendText/school {"number":"12@lid","text":"Come <in> & see"}`)
}

func TestFindInvite_ReadsPagesBackToItsTime(t *testing.T) {
	t.Parallel()
	page := func(records string) string { return `{"messages":{"pages":3,"records":[` + records + `]}}` }
	record1 := `{"key":{"id":"A","remoteJid":"9@lid","remoteJidAlt":"5511900000002@s.whatsapp.net"},"message":{"conversation":"Come in"},"messageTimestamp":1763740900}`
	record2 := `{"key":{"id":"B","remoteJid":"551190000001@s.whatsapp.net"},"message":{"conversation":"Come in"},"messageTimestamp":1763740900}`
	old := `{"key":{"id":"C","remoteJid":"5511900000003@s.whatsapp.net"},"message":{"conversation":"Come in"},"messageTimestamp":1763000000}`
	since := time.Unix(1763740800, 0)
	for to, want := range map[string]string{"5511900000002": "A", "9@lid": "A", "5511900000001": "", "5511900000003": ""} {
		rec, c := record(t, map[string][]string{"chat/findMessages": {page(record1), page(record2), page(old), page("")}})
		sent, found, err := c.FindInvite(t.Context(), provider.Invitation{Via: provider.ViaText, Address: to, Text: "Come  in"}, since)
		if err != nil || found != (want != "") || sent.MessageID != want {
			t.Errorf("%s: got %+v, %v, %v; want %q", to, sent, found, err, want)
		}
		if calls := rec.Calls(); !strings.HasSuffix(calls[0], `{"where":{"key":{"fromMe":true}},"page":1,"offset":100}`) || len(calls) > 3 {
			t.Errorf("%s: got calls %q, want at most 3 of 100 messages each", to, calls)
		}
	}
}

func TestCheckPhones_AsksInBatchesOfAHundred(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"chat/whatsappNumbers": {`[
		{"jid":"551187654321@s.whatsapp.net","exists":true,"number":"5511987654321","lid":"77@lid"},
		{"jid":"5511900000002@s.whatsapp.net","exists":false,"number":"5511900000002"},
		{"jid":"5511900000003@s.whatsapp.net","exists":true,"number":"5511900000003","lid":"lid"},
		{"jid":"5511900000005@s.whatsapp.net","number":"5511900000005"},
		{"jid":"55119000000041@s.whatsapp.net","exists":true,"number":"5511900000004","lid":"88@lid"}]`, `[]`}}) // another person's
	got, err := c.CheckPhones(t.Context(), []string{"5511987654321", "551187654321", "5511900000002", "5511900000003", "5511900000005", "5511900000004", "12@lid"})
	yes := provider.Checked{Exists: true, Identity: phone.Identity{Digits: "551187654321", LID: "77@lid"}}
	want := map[string]provider.Checked{
		"5511987654321": yes, "551187654321": yes, "5511900000002": {},
		"5511900000003": {Exists: true, Identity: phone.Identity{Digits: "5511900000003"}},
	}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v (-want +got):\n%s", err, cmp.Diff(want, got))
	}
	rec.Want(t, `POST /chat/whatsappNumbers/school {"numbers":["5511987654321","5511900000002","5511900000003","5511900000005","5511900000004"]}`)
	many := make([]string, 150)
	for i := range many {
		many[i] = "55119" + strings.Repeat("0", 5) + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
	}
	if _, err := c.CheckPhones(t.Context(), many); err != nil || len(rec.Calls()) != 3 {
		t.Errorf("150 numbers took %d calls, %v; want 2", len(rec.Calls())-1, err)
	}
}

func TestInviteLink_IsBuiltFromTheCodeWithoutAURL(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"inviteUrl":"https://chat.whatsapp.com/A","inviteCode":"A"}`: "https://chat.whatsapp.com/A",
		`{"inviteCode":"B"}`: "https://chat.whatsapp.com/B",
	} {
		_, c := record(t, map[string][]string{"group/inviteCode": {body}})
		if got, err := c.InviteLink(t.Context(), groupID); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", body, got, err, want)
		}
	}
}

func TestClientSetSettings_FailureAfterAChangeProvesNothing(t *testing.T) {
	t.Parallel()
	on, off := true, false
	both := tasks.Settings{OnlyAdminsSend: &on, OnlyAdminsEdit: &off}
	const yes, no = `{"updateSetting":"success"}`, `{"error":"instance does not exist"}`
	rec, c := record(t, map[string][]string{"group/updateSetting": {yes, yes, yes, no}})
	if err := c.SetSettings(t.Context(), groupID, both); err != nil {
		t.Error(err)
	}
	const address = "POST /group/updateSetting/school?groupJid=120363000000000001%40g.us "
	rec.Want(
		t,
		address+`{"groupJid":"`+groupID+`","action":"announcement"}`,
		address+`{"groupJid":"`+groupID+`","action":"unlocked"}`,
	)
	err := c.SetSettings(t.Context(), groupID, both)
	if e := provider.AsError(err); e.Class != provider.Unknown || !e.Denied {
		t.Errorf("got %v of class %q, denied %v; want unknown and denied", err, e.Class, e.Denied)
	}
}

func TestClientSetPhoto_SendsBareBase64(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"group/updateGroupPicture": {`{"update":"success"}`}})
	if err := c.SetPhoto(t.Context(), groupID, []byte("jpeg")); err != nil {
		t.Error(err)
	}
	rec.Want(t, `POST /group/updateGroupPicture/school?groupJid=120363000000000001%40g.us {"groupJid":"`+groupID+`","image":"anBlZw=="}`)
}

func TestClientSetDescription_NamesTheGroupInQueryAndBody(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"group/updateGroupDescription": {`{"update":"success"}`}})
	if err := c.SetDescription(t.Context(), groupID, "About us"); err != nil {
		t.Error(err)
	}
	rec.Want(t, `POST /group/updateGroupDescription/school?groupJid=120363000000000001%40g.us {"groupJid":"`+groupID+`","description":"About us"}`)
}

func TestClientPromote_SendsAllPeopleAtOnce(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"group/updateParticipant": {`{"updateParticipants":[]}`}})
	if err := c.Promote(t.Context(), groupID, []string{"5511900000001", "12@lid"}); err != nil {
		t.Error(err)
	}
	rec.Want(t, `POST /group/updateParticipant/school?groupJid=120363000000000001%40g.us `+
		`{"groupJid":"`+groupID+`","action":"promote","participants":["5511900000001","12@lid"]}`)
}

func TestMembers_ReadsNoOtherGroup(t *testing.T) {
	t.Parallel()
	for told, right := range map[string]bool{"120363000000000002@g.us": false, groupID: true} {
		_, c := record(t, map[string][]string{"group/findGroupInfos": {`{"id":"` + told + `","participants":[{"id":"5511900000000@s.whatsapp.net"}]}`}})
		if _, err := c.Members(t.Context(), groupID); right != (err == nil) {
			t.Errorf("an answer of %s: got %v, want it read: %v", told, err, right)
		}
	}
}
