package gowa_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/gowa"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/tasks"
)

const groupID = "120363000000000001@g.us"

// record gives the nth call answer(n). Its client has a device whose name must be escaped in the header.
func record(t *testing.T, answer func(n int) string) (*providertest.Recorder, *gowa.Client) {
	t.Helper()
	rec, base := providertest.Record(t, "", func(n int, r *http.Request, _ string) string {
		user, pass, _ := r.BasicAuth()
		if user != "admin" || pass != password || r.Header.Get("X-Device-Id") != "s%C3%A3o+1" {
			t.Errorf("%s: got user %q, password right: %v, device %q; want admin, the password, s%%C3%%A3o+1", r.URL.Path, user, pass == password, r.Header.Get("X-Device-Id"))
		}
		return answer(n)
	})
	c, err := gowa.Spec.Connect(spec.Config{BaseURL: base, InstanceID: "são 1", Credentials: spec.Credentials{"token": "admin:" + password}})
	if err != nil {
		t.Fatal(err)
	}
	return rec, c.(*gowa.Client)
}

func same(body string) func(int) string { return func(int) string { return body } }

func TestConnect_TheTokenIsUserAndPasswordOrEmpty(t *testing.T) {
	t.Parallel()
	for token, fine := range map[string]bool{"": true, "admin:x:y": true, "admin": false, "admin:": false, ":x": false} {
		_, err := gowa.Spec.Connect(spec.Config{BaseURL: "http://gowa:3000", InstanceID: "school", Credentials: spec.Credentials{"token": provider.Token(token)}})
		if (err == nil) != fine || err != nil && !strings.Contains(err.Error(), "user:password") {
			t.Errorf("token %q: got %v, want accepted %v, or an error with user:password", token, err, fine)
		}
	}
}

func TestCreateGroup_SendsNumbers(t *testing.T) {
	t.Parallel()
	rec, c := record(t, same(success(`{"group_id":"`+groupID+`"}`)))
	got, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "Class 12", Addresses: []string{"5511900000001", "12@lid"}})
	if want := (provider.Created{GroupID: groupID, NotAdded: []string{"12@lid"}}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	rec.Want(t, `POST /group {"title":"Class 12","participants":["5511900000001"]}`)
	if _, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "T", Addresses: []string{"12@lid"}}); provider.AsError(err).Class != provider.Refused {
		t.Errorf("a create without a number: got %v, want refused", err)
	}
}

func TestMembers_ReadsNumbersAndLIDs(t *testing.T) {
	t.Parallel()
	const body = `{"JID":"` + groupID + `","Name":"Class 12","OwnerJID":"100@lid","OwnerPN":"","GroupCreated":"2025-11-21T16:00:00Z","ParticipantCount":%d,
		"Participants":[{"JID":"100@lid","PhoneNumber":"5511900000000@s.whatsapp.net","LID":"100@lid","IsAdmin":true,"IsSuperAdmin":true},
		{"JID":"200@lid","PhoneNumber":"","LID":"200@lid"},{"JID":"5511900000002@s.whatsapp.net","PhoneNumber":"5511900000002@s.whatsapp.net","LID":"300@lid"}]}`
	rec, c := record(t, func(n int) string { return success(fmt.Sprintf(body, 2+n)) })
	want := provider.Roll{
		GroupID: groupID, Subject: "Class 12", Owner: phone.Identity{Digits: "5511900000000", LID: "100@lid"},
		CreatedAt: time.Date(2025, 11, 21, 16, 0, 0, 0, time.UTC),
		Participants: []provider.Participant{
			{Identity: phone.Identity{Digits: "5511900000000", LID: "100@lid"}, Admin: true},
			{Identity: phone.Identity{LID: "200@lid"}},
			{Identity: phone.Identity{Digits: "5511900000002", LID: "300@lid"}},
		},
	}
	for _, complete := range []bool{true, false} {
		want.Complete = complete
		if got, err := c.Members(t.Context(), groupID); err != nil || !cmp.Equal(want, got) {
			t.Errorf("got %v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
	}
	rec.Want(t, "GET /group/info?group_id=120363000000000001%40g.us", "GET /group/info?group_id=120363000000000001%40g.us")
}

func TestListGroups_AListAtTheLimitIsAnError(t *testing.T) {
	t.Parallel()
	list := func(n int) string {
		return success(`{"data":[` + strings.TrimSuffix(strings.Repeat(`{"JID":"`+groupID+`","Name":" Class 12 ","GroupCreated":"2025-11-21T16:00:00Z"},`, n), ",") + `]}`)
	}
	_, c := record(t, func(n int) string { return list([]int{1, 499, 500}[n-1]) })
	got, err := c.ListGroups(t.Context())
	if want := []provider.Listed{{GroupID: groupID, Name: "Class 12", ExistedAt: time.Date(2025, 11, 21, 16, 0, 0, 0, time.UTC)}}; err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v (-want +got):\n%s", err, cmp.Diff(want, got))
	}
	if got, err := c.ListGroups(t.Context()); err != nil || len(got) != 499 {
		t.Errorf("got %d groups, %v; want 499", len(got), err)
	}
	if got, err := c.ListGroups(t.Context()); got != nil || err == nil || !strings.Contains(err.Error(), "500 groups or more") {
		t.Errorf("got %d groups, %v; want an error alone", len(got), err)
	}
}

func TestCheckPhones_ANoCountsOnlyIfRepeated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said   []bool
		exists bool
	}{{[]bool{true}, true}, {[]bool{false, true}, true}, {[]bool{false, false}, false}} {
		rec, c := record(t, func(n int) string { return success(fmt.Sprintf(`{"is_on_whatsapp":%v}`, tt.said[n-1])) })
		got, err := c.CheckPhones(t.Context(), []string{"5511900000001", "12@lid"})
		if want := map[string]provider.Checked{"5511900000001": {Exists: tt.exists}}; err != nil || !cmp.Equal(want, got) || len(rec.Calls()) != len(tt.said) {
			t.Errorf("said %v: got %v, %v after the calls %q; want %v after %d calls", tt.said, got, err, rec.Calls(), want, len(tt.said))
		}
	}
}

// The server refuses a person whom it could not ask WhatsApp about as one without an account (W2).
func TestInvite_NoAccountCountsOnlyIfTheCheckSaysSo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status  int
		check   string
		refused bool
	}{
		"the check says yes": {200, success(`{"is_on_whatsapp":true}`), false},
		"the check says no":  {200, success(`{"is_on_whatsapp":false}`), true},
		"the check fails":    {504, `{"code":"GATEWAY_TIMEOUT","message":"timed out waiting for WhatsApp"}`, false},
	} {
		var sends atomic.Int32
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/user/check" {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.check)
				return
			}
			sends.Add(1)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code":"INVALID_JID","message":"Phone 5511900000001 is not on whatsapp"}`)
		}))
		t.Cleanup(s.Close)
		c, err := gowa.Spec.Connect(spec.Config{BaseURL: s.URL, InstanceID: "school"})
		if err != nil {
			t.Fatal(err)
		}
		_, invited := c.Invite(t.Context(), provider.Invitation{Via: provider.ViaText, Address: "5511900000001", GroupID: groupID, Text: "Join: x"})
		for op, err := range map[string]error{"invite": invited, "add": c.AddMember(t.Context(), groupID, "5511900000001")} {
			e := provider.AsError(err)
			if refused := e.Class == provider.Refused && e.NoAccount; refused != tt.refused || !refused && (e.Class != provider.NotSent || e.NoAccount) {
				t.Errorf("%s, %s: got %s, no account %v; want a refusal %v, else notSent", name, op, e.Class, e.NoAccount, tt.refused)
			}
		}
		if n := sends.Load(); n != 2 {
			t.Errorf("%s: %d calls, want one of each", name, n)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A caller allows for 5 s beyond the timeout of the invite.
func TestInvite_AHangingCheckDoesNotOutlastTheCallersBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := gowa.Spec.Connect(spec.Config{BaseURL: "http://gowa:3000", InstanceID: "school", Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/user/check" {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(strings.NewReader(`{"code":"INVALID_JID","message":"x"}`))}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		_, err = c.Invite(ctx, provider.Invitation{Via: provider.ViaText, Address: "5511900000001", GroupID: groupID, Text: "Join: x"})
		if took := time.Since(begun); took >= 5*time.Second || provider.AsError(err).Class != provider.NotSent {
			t.Errorf("after %s got %v; want notSent in less than 5 s", took, err)
		}
	})
}

func TestFind_MessagesOfAnotherChatProveNothing(t *testing.T) {
	t.Parallel()
	since := time.Date(2025, 11, 21, 16, 0, 0, 0, time.UTC)
	for told, want := range map[string]bool{
		"5511900000001@s.whatsapp.net": true, "12@lid": true, "": true,
		"5511900000002@s.whatsapp.net": false, groupID: false,
	} {
		_, c := record(t, func(int) string {
			return success(`{"data":[{"id":"A","chat_jid":"` + told + `","content":"Come in","timestamp":"2025-11-21T16:00:05Z","is_from_me":true}]}`)
		})
		_, found, err := c.FindInvite(t.Context(), provider.Invitation{Via: provider.ViaText, Address: "5511900000001", Text: "Come in"}, since)
		if found != want || (err == nil) != want {
			t.Errorf("the chat with a person, told as %q: got %v, %v; want found %v, else an error", told, found, err, want)
		}
		_, found, err = c.FindPost(t.Context(), provider.Post{GroupID: groupID, Text: "Come in"}, since)
		if want := told == "" || told == groupID; found != want || (err == nil) != want {
			t.Errorf("the chat of a group, told as %q: got %v, %v; want found %v, else an error", told, found, err, want)
		}
	}
}

func TestFindInvite_ReadsTheChatThatInviteSentTo(t *testing.T) {
	t.Parallel()
	since := time.Date(2025, 11, 21, 16, 0, 0, 0, time.UTC)
	chat := `{"data":[{"id":"A","content":"Come in","timestamp":"2025-11-21T16:00:05Z","is_from_me":true},{"id":"B","content":"hello","timestamp":"2025-11-21T16:00:06Z","is_from_me":true}]}`
	rec, c := record(t, func(n int) string { return success([]string{`{"message_id":"A"}`, chat, chat, chat}[n-1]) })
	i := provider.Invitation{Via: provider.ViaText, Address: "5511900000001", Text: "Come  in"}
	if sent, err := c.Invite(t.Context(), i); err != nil || sent.MessageID != "A" {
		t.Errorf("invite: got %+v, %v; want A", sent, err)
	}
	if sent, found, err := c.FindInvite(t.Context(), i, since); err != nil || !found || sent.MessageID != "A" {
		t.Errorf("got %+v, %v, %v; want A", sent, found, err)
	}
	if _, found, err := c.FindInvite(t.Context(), i, since.Add(time.Hour)); err != nil || found {
		t.Errorf("an older message: got %v, %v; want not found", found, err)
	}
	i.Address = "12@lid"
	if _, found, err := c.FindInvite(t.Context(), i, since); err != nil || !found {
		t.Errorf("by LID: got %v, %v; want found", found, err)
	}
	const query = "/messages?is_from_me=true&limit=100"
	rec.Want(t, `POST /send/message {"phone":"5511900000001@s.whatsapp.net","message":"Come  in"}`,
		"GET /chat/5511900000001@s.whatsapp.net"+query, "GET /chat/5511900000001@s.whatsapp.net"+query, "GET /chat/12@lid"+query)
}

func TestClientSetSettings_FailureAfterAChangeProvesNothing(t *testing.T) {
	t.Parallel()
	on, off := true, false
	both := tasks.Settings{OnlyAdminsSend: &on, OnlyAdminsEdit: &off}
	rec, c := record(t, func(n int) string {
		if n == 4 {
			return failure("BAD_LUCK", "x")
		}
		return success("null")
	})
	if err := c.SetSettings(t.Context(), groupID, both); err != nil {
		t.Error(err)
	}
	rec.Want(
		t,
		`POST /group/announce {"group_id":"`+groupID+`","announce":true}`,
		`POST /group/locked {"group_id":"`+groupID+`","locked":false}`,
	)
	err := c.SetSettings(t.Context(), groupID, both)
	if e := provider.AsError(err); e.Class != provider.Unknown || !e.Denied {
		t.Errorf("got %v of class %q, denied %v; want unknown and denied", err, e.Class, e.Denied)
	}
}

func TestClient_SetupCallsSendTheDocumentedBodies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   func(c *gowa.Client) error
		want string
	}{
		"description": {
			func(c *gowa.Client) error { return c.SetDescription(t.Context(), groupID, "About us") },
			`POST /group/topic {"group_id":"` + groupID + `","topic":"About us"}`,
		},
		"promote": {
			func(c *gowa.Client) error {
				return c.Promote(t.Context(), groupID, []string{"5511900000001", "12@lid"})
			},
			`POST /group/participants/promote {"group_id":"` + groupID + `","participants":["5511900000001"]}`, // with the LID the server would refuse both
		},
		"approve": {
			func(c *gowa.Client) error { return c.ApproveJoins(t.Context(), groupID, []string{"5511900000001"}) },
			`POST /group/participant-requests/approve {"group_id":"` + groupID + `","participants":["5511900000001"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, c := record(t, same(success("null")))
			if err := tt.do(c); err != nil {
				t.Error(err)
			}
			rec.Want(t, tt.want)
		})
	}
}

func TestClientSetPhoto_SendsAForm(t *testing.T) {
	t.Parallel()
	rec, c := record(t, same(success("null")))
	if err := c.SetPhoto(t.Context(), groupID, []byte("jpeg")); err != nil {
		t.Error(err)
	}
	providertest.AssertForm(t, rec, "POST /group/photo", "photo", "jpeg", map[string]string{"group_id": groupID})
}

func TestMembers_ReadsNoOtherGroup(t *testing.T) {
	t.Parallel()
	for told, right := range map[string]bool{"120363000000000002@g.us": false, "120363000000000001@g.us": true} {
		_, c := record(t, same(`{"code":"SUCCESS","results":{"JID":"`+told+`","Participants":[{"JID":"5511900000000@s.whatsapp.net"}]}}`))
		if _, err := c.Members(t.Context(), "120363000000000001@g.us"); right != (err == nil) {
			t.Errorf("an answer of %s: got %v, want it read: %v", told, err, right)
		}
	}
}

func TestInviteLink_IsOfNoOtherGroup(t *testing.T) {
	t.Parallel()
	for told, right := range map[string]bool{"120363000000000002@g.us": false, "120363000000000001@g.us": true, "": true} {
		_, c := record(t, same(`{"code":"SUCCESS","results":{"invite_link":"https://chat.whatsapp.com/A","group_id":"`+told+`"}}`))
		link, err := c.InviteLink(t.Context(), "120363000000000001@g.us")
		if right != (err == nil && link != "") {
			t.Errorf("an answer of %q: got %q, %v; want it read: %v", told, link, err, right)
		}
	}
}
