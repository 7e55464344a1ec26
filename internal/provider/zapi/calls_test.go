package zapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/zapi"
	"github.com/rollcallhq/rollcall/tasks"
)

func record(t *testing.T, answer func(n int, r *http.Request, body string) string) (*providertest.Recorder, *zapi.Client) {
	t.Helper()
	rec, base := providertest.Record(t, "/instances/I1/token/"+token+"/", func(n int, r *http.Request, body string) string {
		if got := r.Header.Get("Client-Token"); got != clientToken {
			t.Errorf("got Client-Token %q, want %q", got, clientToken)
		}
		return answer(n, r, body)
	})
	return rec, newClient(t, base)
}

func says(body string) func(int, *http.Request, string) string {
	return func(int, *http.Request, string) string { return body }
}

func TestCreateGroup_SendsTheDocumentedBodyAndNoInvites(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{"phone":"120363000000000001-group","invitationLink":"https://chat.whatsapp.com/A","phonesNotAdded":["551187654321",5511900000009]}`))
	got, err := c.CreateGroup(t.Context(), provider.CreateRequest{
		Name: "Turma 12", Addresses: []string{"5511987654321", "123456789012345@lid", "5511900000002"},
	})
	if err != nil {
		t.Fatal(err)
	}
	rec.Want(t, `POST create-group {"autoInvite":false,"groupName":"Turma 12","phones":["5511987654321","5511900000002"]}`)
	want := provider.Created{
		GroupID: "120363000000000001-group", InviteLink: "https://chat.whatsapp.com/A",
		// The first came back without the ninth digit, the second was not asked for, the third cannot be sent.
		NotAdded: []string{"5511987654321", "5511900000009", "123456789012345@lid"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCreateGroup_AMissingPhonesNotAddedProvesNothing(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"phone":"1-group"}`:                         nil,
		`{"phone":"1-group","phonesNotAdded":null}`:   nil,
		`{"phone":"1-group","phonesNotAdded":"none"}`: nil,
		`{"phone":"1-group","phonesNotAdded":[]}`:     {},
	} {
		_, c := record(t, says(body))
		got, err := c.CreateGroup(t.Context(), provider.CreateRequest{Name: "T", Addresses: []string{"5511987654321"}})
		if err != nil || !cmp.Equal(want, got.NotAdded) {
			t.Errorf("%s: got NotAdded %#v, %v; want %#v", body, got.NotAdded, err, want)
		}
	}
}

func TestCreateGroup_WithoutANumberIsNotSent(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{}`))
	var trace provider.Trace
	_, err := c.CreateGroup(provider.WithTrace(t.Context(), &trace), provider.CreateRequest{Name: "T", Addresses: []string{"123@lid"}})
	if e := provider.AsError(err); e.Class != provider.Refused || e.Scope != provider.ScopeRequest || !trace.WroteAt.IsZero() {
		t.Errorf("got %v, scope %s, trace %+v; want refused for the request, and nothing written", err, e.Scope, trace)
	}
	rec.Want(t)
}

func TestMembers_ReadsNumbersAndLIDs(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{"phone":"120363000000000001-group","owner":"5511900000000","subject":"Turma 12","creation":1763740800000,
		"invitationLink":null,"invitationLinkError":"forbidden","participants":[
		{"phone":"5511900000000","isAdmin":"true","isSuperAdmin":true},
		{"phone":"5511900000001","isAdmin":false,"name":"Ana"},
		{"phone":"123456789012345@lid","isAdmin":"false"},
		{"phone":5511900000003,"lid":"99@lid"}]}`))
	got, err := c.Members(t.Context(), "120363000000000001-group")
	if err != nil {
		t.Fatal(err)
	}
	rec.Want(t, "GET light-group-metadata/120363000000000001-group")
	want := provider.Roll{
		GroupID: "120363000000000001-group", Subject: "Turma 12", Owner: phone.Identity{Digits: "5511900000000"},
		CreatedAt: time.Unix(1763740800, 0).UTC(), Complete: true,
		Participants: []provider.Participant{
			{Identity: phone.Identity{Digits: "5511900000000"}, Admin: true},
			{Identity: phone.Identity{Digits: "5511900000001"}},
			{Identity: phone.Identity{LID: "123456789012345@lid"}},
			{Identity: phone.Identity{Digits: "5511900000003", LID: "99@lid"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestClient_AGroupIDCannotChangeTheAddress(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{}`))
	for _, id := range []string{"", ".", "..", "../me", "a/b", "a?b", "a#b", "a%2fb", "ä"} {
		if _, err := c.Members(t.Context(), id); provider.AsError(err).Class != provider.Refused {
			t.Errorf("members of %q: got %v, want refused", id, err)
		}
		if _, err := c.InviteLink(t.Context(), id); provider.AsError(err).Class != provider.Refused {
			t.Errorf("link of %q: got %v, want refused", id, err)
		}
	}
	rec.Want(t)
}

// A server may give smaller pages than asked for. One that does not know the parameter gives the same page for ever.
func TestListGroups_IsReadToItsEnd(t *testing.T) {
	t.Parallel()
	entry := func(i int) string {
		name := "Other"
		if i == 0 || i == 41 {
			name = " Turma  12 "
		}
		return fmt.Sprintf(`{"isGroup":true,"name":%q,"phone":"%d-group","unread":"0"}`, name, i)
	}
	pages := map[string]func(page int) []string{
		"fifty a page": func(page int) []string {
			var out []string
			for i := (page - 1) * 20; i < min(page*20, 50); i++ {
				out = append(out, entry(i))
			}
			return out
		},
		"the same page for ever": func(int) []string { return []string{entry(0), entry(41)} },
	}
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := record(t, func(_ int, r *http.Request, _ string) string {
				var n int
				_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
				return "[" + strings.Join(page(n), ",") + "]"
			})
			got, err := c.ListGroups(t.Context())
			var named []string
			for _, g := range got {
				if g.Name == "Turma  12" {
					named = append(named, g.GroupID)
				}
			}
			if err != nil || !cmp.Equal([]string{"0-group", "41-group"}, named) || len(got) != len(page(1)) && len(got) != 50 {
				t.Errorf("got %d groups, of the name %q, %v; want all groups, 0-group and 41-group", len(got), named, err)
			}
		})
	}
}

func TestListGroups_HalfAListIsAnError(t *testing.T) {
	t.Parallel()
	_, endless := record(t, func(n int, _ *http.Request, _ string) string {
		return fmt.Sprintf(`[{"name":"T","phone":"%d-group"}]`, n)
	})
	if got, err := endless.ListGroups(t.Context()); err == nil {
		t.Errorf("an endless list gave %d groups, want an error", len(got))
	}
	_, broken := record(t, func(n int, _ *http.Request, _ string) string {
		if n == 1 {
			return `[{"name":"T","phone":"1-group"}]`
		}
		return `{"error":"Internal error"}`
	})
	if got, err := broken.ListGroups(t.Context()); err == nil || got != nil {
		t.Errorf("half a list gave %v, %v; want an error alone", got, err)
	}
}

func TestInvite_SendsTheDocumentedBodies(t *testing.T) {
	t.Parallel()
	rec, c := record(t, func(_ int, r *http.Request, _ string) string {
		if strings.HasSuffix(r.URL.Path, "add-participant") {
			return `{"value":true}`
		}
		return `{"zaapId":"Z1","messageId":"M1","id":"M1"}`
	})
	i := provider.Invitation{Via: provider.ViaText, Address: "5511900000002", GroupID: "1-group", Text: "a\n<b>"}
	sent, err := c.Invite(t.Context(), i)
	if err != nil || sent.MessageID != "M1" {
		t.Errorf("invite by text: got %+v, %v; want M1", sent, err)
	}
	i.Address = "12@lid"
	if _, err := c.Invite(t.Context(), i); err != nil {
		t.Error(err)
	}
	i.Via = provider.ViaNative
	if _, err := c.Invite(t.Context(), i); provider.AsError(err).Class != provider.Refused {
		t.Errorf("native invite of a LID: got %v, want refused", err)
	}
	i.Address = "5511900000002"
	if sent, err := c.Invite(t.Context(), i); err != nil || sent.MessageID != "" {
		t.Errorf("native invite: got %+v, %v; want no id", sent, err)
	}
	if err := c.AddMember(t.Context(), "1-group", "5511900000003"); err != nil {
		t.Error(err)
	}
	i.Via, i.Address = provider.ViaText, "no number"
	if _, err := c.Invite(t.Context(), i); provider.AsError(err).Scope != provider.ScopePerson {
		t.Errorf("invite of no number: got %v, want an error of the person", err)
	}
	rec.Want(
		t,
		`POST send-text {"phone":"5511900000002","message":"a\n<b>"}`,
		`POST send-text {"phone":"12@lid","message":"a\n<b>"}`,
		`POST add-participant {"autoInvite":true,"groupId":"1-group","phones":["5511900000002"]}`,
		`POST add-participant {"autoInvite":false,"groupId":"1-group","phones":["5511900000003"]}`,
	)
}

func TestFindInvite_LooksInTheQueue(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1763740800000)
	page := func(state string, more bool, messages ...map[string]any) string {
		b, err := json.Marshal(map[string]any{"messages": slices.Concat([]map[string]any{}, messages), "pagingState": state, "hasMore": more})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	message := func(id, phone, text string, at time.Time) map[string]any {
		return map[string]any{"_id": "x", "ZaapId": "Z" + id, "MessageId": id, "Phone": phone, "Message": text, "Created": at.UnixMilli(), "IsTrial": false}
	}
	rec, c := record(t, func(n int, _ *http.Request, _ string) string {
		if n == 1 {
			return page("p2", true, message("1", "5511987654321", "Oi", at), message("2", "5511900000001", "Entre: x", at))
		}
		return page("", false, message("0", "5511987654321", "Entre: x", at.Add(-time.Hour)), message("3", "551187654321", "Entre:\r\nx", at.Add(time.Second)))
	})
	i := provider.Invitation{Via: provider.ViaText, Address: "5511987654321", Text: "Entre:\nx"}
	sent, found, err := c.FindInvite(t.Context(), i, at)
	if err != nil || !found || sent.MessageID != "3" {
		t.Errorf("got %+v, %v, %v; want message 3", sent, found, err)
	}
	rec.Want(t, `POST queue {"pageSize":30}`, `POST queue {"pageSize":30,"pagingState":"p2"}`)
	i.Text = "else"
	if _, found, err := c.FindInvite(t.Context(), i, at); found || err != nil {
		t.Errorf("another text: found %v, %v; want not found", found, err)
	}
	i.Via = provider.ViaNative
	if _, found, err := c.FindInvite(t.Context(), i, at); found || err != nil {
		t.Errorf("native: found %v, %v; want not found", found, err)
	}
}

func TestCheckPhones_IsKeyedByTheNumbersAsked(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`[
		{"exists":"true","inputPhone":"5511987654321","outputPhone":"551187654321","lid":"12@lid"},
		{"exists":false,"inputPhone":"5511900000009","outputPhone":"5511900000009","lid":null},
		{"exists":"true ou false","inputPhone":"5511900000008"},
		{"exists":true,"inputPhone":"558187654321","outputPhone":"558187654321"}]`))
	got, err := c.CheckPhones(t.Context(), []string{"5511987654321", "5511900000009", "5511900000008", "5581987654321", "12@lid"})
	if err != nil {
		t.Fatal(err)
	}
	rec.Want(t, `POST phone-exists-batch {"phones":["5511987654321","5511900000009","5511900000008","5581987654321"]}`)
	want := map[string]provider.Checked{
		"5511987654321": {Exists: true, Identity: phone.Identity{Digits: "551187654321", LID: "12@lid"}},
		"5511900000009": {},
		"5581987654321": {Exists: true, Identity: phone.Identity{Digits: "558187654321"}}, // echoed without the ninth digit
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckPhones_WithoutTheBatchEndpointAsksOneByOne(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + path.Base(r.URL.Path) {
		case "GET 5511987654321":
			_, _ = io.WriteString(w, `[{"exists":"true","phone":"551187654321","lid":"12@lid"}]`)
		case "GET 79000000001":
			_, _ = io.WriteString(w, `{"exists":false,"phone":"79000000001","lid":null}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":"NOT_FOUND","message":"Unable to find matching target resource method"}`)
		}
	}))
	t.Cleanup(s.Close)
	got, err := newClient(t, s.URL).CheckPhones(t.Context(), []string{"5511987654321", "79000000001"})
	want := map[string]provider.Checked{
		"5511987654321": {Exists: true, Identity: phone.Identity{Digits: "551187654321", LID: "12@lid"}},
		"79000000001":   {},
	}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestCheckPhones_AsksInBatches(t *testing.T) {
	t.Parallel()
	rec, c := record(t, func(n int, _ *http.Request, body string) string {
		if n == 3 {
			return `{"error":"Internal error"}`
		}
		var in struct{ Phones []string }
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Error(err)
		}
		var out []map[string]any
		for _, p := range in.Phones {
			out = append(out, map[string]any{"exists": true, "inputPhone": p})
		}
		b, err := json.Marshal(out)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	})
	var asked []string
	for i := range 2500 {
		asked = append(asked, fmt.Sprintf("55119%08d", i))
	}
	got, err := c.CheckPhones(t.Context(), asked)
	if err == nil || len(got) != 2000 {
		t.Errorf("got %d answers, %v; want the 2000 before the error, and the error", len(got), err)
	}
	if n := len(rec.Calls()); n != 3 {
		t.Errorf("got %d calls, want 3", n)
	}
}

func TestState_IsReadFromTheBodyAtEveryStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want provider.Health
	}{
		{`{"connected":true,"error":"You are already connected.","smartphoneConnected":true}`, provider.Ready},
		{`{"connected":"true","error":"You are already connected."}`, provider.Ready},
		{`{"error":"You are already connected."}`, provider.Ready},
		{`{"connected":true,"smartphoneConnected":false}`, provider.Disconnected},
		{`{"connected":false,"error":"You need to restore the session."}`, provider.Disconnected},
		{`{"connected":false,"error":"You are not connected."}`, provider.Disconnected},
		{`{"connected":false,"error":"To continue sending a message, you must subscribe to this instance again"}`, provider.Unauthorized},
		{`{"error":"You are not connected."}`, provider.Disconnected},
		{`{"error":"null not allowed"}`, provider.Unauthorized},
		{`{"error":"Your client-token is not configured"}`, provider.Unauthorized},
	}
	for _, status := range []int{200, 400, 500} {
		for _, tt := range tests {
			_, c := record(t, says(tt.body))
			if status != 200 {
				c = newClient(t, providertest.Serve(t, providertest.Answer{Status: status, Body: tt.body}))
			}
			got, err := c.State(t.Context())
			if err != nil || got.Health != tt.want || (got.Health == provider.Ready) != got.Reason.Zero() {
				t.Errorf("%d %s: got %+v, %v; want %s", status, tt.body, got, err, tt.want)
			}
		}
	}
	for _, body := range []string{`{}`, `null`, ``, `[]`} {
		_, c := record(t, says(body))
		if got, err := c.State(t.Context()); err == nil {
			t.Errorf("%s: got %+v, want an error", body, got)
		}
	}
}

func TestSelf_IsTheNumberOfTheDevice(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{"phone":"5511900000000","device":{"sessionName":"x"},"isBusiness":false}`))
	got, err := c.Self(t.Context())
	if err != nil || got != (phone.Identity{Digits: "5511900000000"}) {
		t.Errorf("got %v, %v; want 5511900000000", got, err)
	}
	rec.Want(t, "GET device")
}

func TestClient_SetupCallsSendTheDocumentedBodies(t *testing.T) {
	t.Parallel()
	const group = "120363000000000001-group"
	for name, tt := range map[string]struct {
		do   func(c *zapi.Client) error
		want string
	}{
		"photo": {
			func(c *zapi.Client) error { return c.SetPhoto(t.Context(), group, []byte("jpeg")) },
			`POST update-group-photo {"groupId":"` + group + `","groupPhoto":"data:image/jpeg;base64,anBlZw=="}`,
		},
		"description": {
			func(c *zapi.Client) error { return c.SetDescription(t.Context(), group, "About us") },
			`POST update-group-description {"groupId":"` + group + `","groupDescription":"About us"}`,
		},
		"promote": {
			func(c *zapi.Client) error { return c.Promote(t.Context(), group, []string{"5511900000001", "12@lid"}) },
			`POST add-admin {"groupId":"` + group + `","phones":["5511900000001","12@lid"]}`,
		},
		"approve": {
			func(c *zapi.Client) error { return c.ApproveJoins(t.Context(), group, []string{"5511900000001"}) },
			`POST approve-participant {"groupId":"` + group + `","phones":["5511900000001"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec, c := record(t, says(`{"value":true}`))
			if err := tt.do(c); err != nil {
				t.Error(err)
			}
			rec.Want(t, tt.want)
		})
	}
}

func TestClientSetSettings_KeepsTheSettingsThatAreNotNamed(t *testing.T) {
	t.Parallel()
	const group = "120363000000000001-group"
	on := true
	rec, c := record(t, func(_ int, r *http.Request, _ string) string {
		if r.Method == http.MethodGet {
			return `{"phone":"` + group + `","subject":"x","adminOnlyMessage":false,"adminOnlySettings":true,"requireAdminApproval":true,"participants":[]}`
		}
		return `{"value":true}`
	})
	if err := c.SetSettings(t.Context(), group, tasks.Settings{OnlyAdminsSend: &on}); err != nil {
		t.Error(err)
	}
	calls := rec.Calls()
	want := `POST update-group-settings {"phone":"` + group + `","adminOnlyMessage":true,"adminOnlySettings":true,"requireAdminApproval":true,"adminOnlyAddMember":false}`
	if len(calls) != 2 || calls[1] != want {
		t.Errorf("sent %q, want %s last", calls, want)
	}
}

func TestClientSetSettings_AFailedReadSendsNoChange(t *testing.T) {
	t.Parallel()
	on := true
	rec, c := record(t, says(`{}`))
	err := c.SetSettings(t.Context(), "120363000000000001-group", tasks.Settings{OnlyAdminsSend: &on})
	if e := provider.AsError(err); err == nil || e.Class != provider.NotSent {
		t.Errorf("got %v of class %q, want notSent", err, e.Class)
	}
	for _, call := range rec.Calls() {
		if strings.HasPrefix(call, "POST ") {
			t.Errorf("sent %s, want only reads", call)
		}
	}
}

func TestMembers_ReadsNoOtherGroup(t *testing.T) {
	t.Parallel()
	for told, right := range map[string]bool{"120363000000000002-group": false, "120363000000000001@g.us": true} {
		_, c := record(t, says(`{"phone":"`+told+`","subject":"A","participants":[{"phone":"5511900000000"}]}`))
		if _, err := c.Members(t.Context(), "120363000000000001-group"); right != (err == nil) {
			t.Errorf("an answer of %s: got %v, want it read: %v", told, err, right)
		}
	}
}

func TestCheckPhones_BelievesNoAnswerAboutAnotherPerson(t *testing.T) {
	t.Parallel()
	const asked = "5511987654321"
	_, batch := record(t, says(`[{"exists":true,"inputPhone":"`+asked+`","outputPhone":"5521987650000","lid":"12@lid"}]`))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, `{"exists":false,"phone":"5521987650000"}`)
	}))
	t.Cleanup(s.Close)
	got, err := batch.CheckPhones(t.Context(), []string{asked})
	if err != nil || len(got) != 0 {
		t.Errorf("the batch: got %+v, %v; want no answer", got, err)
	}
	if got, _ = newClient(t, s.URL).CheckPhones(t.Context(), []string{asked}); len(got) != 0 {
		t.Errorf("one by one: got %+v, want no answer", got)
	}
}
