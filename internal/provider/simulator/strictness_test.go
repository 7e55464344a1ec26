package simulator_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestZAPI_RefusesWhatItsDocumentsForbid(t *testing.T) {
	t.Parallel()
	group := func(phones ...string) map[string]any {
		return map[string]any{"autoInvite": true, "groupName": "G", "phones": phones}
	}
	for _, c := range []struct {
		name, verb, path string
		body             any
		status           int
	}{
		{"a plus", "POST", "create-group", group("+5511900000001"), 400},
		{"a mask", "POST", "create-group", group("(11) 90000-0001"), 400},
		{"no person", "POST", "create-group", group(), 400},
		{"no name", "POST", "create-group", map[string]any{"autoInvite": true, "phones": []string{ana}}, 400},
		{"no autoInvite", "POST", "create-group", map[string]any{"groupName": "G", "phones": []string{ana}}, 400},
		{"numbers for strings", "POST", "create-group", map[string]any{"autoInvite": true, "groupName": "G", "phones": []int{5511900000001}}, 400},
		{"a list without paging", "GET", "groups", nil, 400},
		{"page zero", "GET", "groups?page=0&pageSize=10", nil, 400},
		{"GREEN-API's group id", "GET", "light-group-metadata/120363000000000001@g.us", nil, 400},
		{"an empty message", "POST", "send-text", map[string]any{"phone": ana}, 400},
		{"a delay beyond 15", "POST", "send-text", map[string]any{"phone": ana, "message": "m", "delayMessage": 16}, 400},
		{"a link elsewhere", "POST", "send-link", map[string]any{"phone": ana, "message": "m", "image": "i", "linkUrl": "https://x.test", "title": "t", "linkDescription": "d"}, 400},
		{"a queue page of 31", "POST", "queue", map[string]any{"pageSize": 31}, 400},
		{"an unknown path", "GET", "nonsense", nil, 404},
		{"PUT for POST", "PUT", "send-text", map[string]any{}, 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			a := b.z(c.verb, c.path, c.body)
			b.want("status", a.status, c.status)
			b.want("says why", a.text("error") != "", true)
			b.want("effect", b.sim.Ledger().Calls[0].Effect, false)
		})
	}
}

func TestGreenAPI_RefusesWhatItsDocumentsForbid(t *testing.T) {
	t.Parallel()
	group := func(name string, ids ...string) map[string]any {
		return map[string]any{"groupName": name, "chatIds": ids}
	}
	for _, c := range []struct {
		name, verb, method string
		body               any
		status             int
		message            string
	}{
		{"a long name", "POST", "createGroup", group(strings.Repeat("ã", 101), vera+"@c.us"), 400, "less than or equal to 100"},
		{"a group among the people", "POST", "createGroup", group("G", "120363000000000001@g.us"), 500, "Internal Server Error"},
		{"a malformed number", "POST", "createGroup", group("G", "+79000000001@c.us"), 500, "bad-request"},
		{"a bare number", "POST", "createGroup", group("G", vera), 400, "Validation failed"},
		{"no person", "POST", "createGroup", group("G"), 400, "'chatIds' is required"},
		{"Z-API's group id", "POST", "getGroupData", map[string]any{"groupId": "120363000000000001-group"}, 400, "not found"},
		{"a long message", "POST", "sendMessage", map[string]any{"chatId": vera + "@c.us", "message": strings.Repeat("x", 20001)}, 400, "20000 characters"},
		{"a number with a plus", "POST", "checkWhatsapp", map[string]any{"phoneNumber": "+79000000001"}, 400, "must contain only digits"},
		{"13 digits", "POST", "checkWhatsapp", map[string]any{"phoneNumber": 5511900000001}, 400, "valid 11 or 12 digits"},
		{"nothing to check", "POST", "checkWhatsapp", map[string]any{}, 400, "at least 1 key"},
		{"an unknown method", "GET", "getGroups", nil, 404, "Not Found"},
		{"GET for POST", "GET", "createGroup", nil, 404, "Not Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			a := b.g(c.verb, c.method, c.body)
			b.want("status", a.status, c.status)
			b.want("message "+a.text("message"), strings.Contains(a.text("message"), c.message), true)
			b.want("effect", b.sim.Ledger().Calls[0].Effect, false)
		})
	}
	b := setup(t, nil)
	b.want("token", b.do("GET", b.url+"/waInstance7105000001/getStateInstance/other", nil, nil).status, 401)
	b.want("instance", b.do("GET", b.url+"/waInstance1/getStateInstance/other", nil, nil).status, 403)
	b.want("verb", b.do("OPTIONS", b.url+"/waInstance7105000001/getStateInstance/g-token", nil, nil).status, 204)
	b.want("Z-API's instance", b.do("GET", b.url+"/instances/9/token/x/status", nil, nil).status, 400)
}

func TestSimulator_AnswersByTheStateOfTheInstance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state          string
		zCreate, zSend int
		gCreate, gSend int
		gState         string
	}{
		{"connected", 200, 200, 200, 200, "authorized"},
		{"disconnected", 400, 200, 400, 200, "notAuthorized"},
		{"blocked", 400, 200, 400, 200, "blocked"},
		{"starting", 400, 200, 400, 400, "starting"},
		{"yellowCard", 200, 200, 500, 200, "yellowCard"},
		{"suspended", 200, 200, 500, 200, "suspended"},
		{"restore", 400, 200, 400, 200, "notAuthorized"},
		{"expired", 400, 400, 400, 400, ""},
		{"deleted", 400, 400, 400, 400, ""},
		{"quota", 200, 200, 466, 466, "authorized"},
		{"ipBlocked", 400, 400, 200, 200, "authorized"},
	} {
		t.Run(c.state, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			b.state("I1", simulator.State{State: c.state})
			b.state("7105000001", simulator.State{State: c.state})
			got := []any{
				b.zCreate("Z", ana).status, b.z("POST", "send-text", map[string]any{"phone": ana, "message": "m"}).status,
				b.gCreate("G", vera).status, b.g("POST", "sendMessage", map[string]any{"chatId": vera + "@c.us", "message": "m"}).status,
				b.g("GET", "getStateInstance", nil).text("stateInstance"),
			}
			b.want("answers", got, []any{c.zCreate, c.zSend, c.gCreate, c.gSend, c.gState})
		})
	}
}

func TestQueue_WaitsForTheNumberAndDrainsInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.state("7105000001", simulator.State{State: "notAuthorized"})
	for n := range 3 {
		b.g("POST", "sendMessage", map[string]any{"chatId": vera + "@c.us", "message": strconv.Itoa(n)})
	}
	b.pass(time.Hour)
	b.want("waiting", len(b.g("GET", "showMessagesQueue", nil).list()), 3)
	b.state("7105000001", simulator.State{State: "connected"})
	b.pass(3 * time.Second)
	b.want("waiting after 3 s", len(b.g("GET", "showMessagesQueue", nil).list()), 2)
	b.pass(time.Minute)
	b.want("waiting after a minute", len(b.g("GET", "showMessagesQueue", nil).list()), 0)
	journal := b.g("GET", "lastOutgoingMessages", nil)
	b.want("journal, latest first", []any{journal.at(0, "textMessage"), journal.at(2, "textMessage")}, []any{"2", "0"})
	m := b.sim.Ledger().Messages
	if gap := m[1].SentAt.Sub(m[0].SentAt); gap != 5*time.Second {
		t.Errorf("spacing %s, want the 5 s of getSettings", gap)
	}
}

func TestZAPI_PagesItsListsAndItsQueue(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for n := range 5 {
		b.zCreate("G"+strconv.Itoa(n), ana)
	}
	var names []any
	for page := 1; page <= 3; page++ {
		for _, g := range b.z("GET", "groups?pageSize=2&page="+strconv.Itoa(page), nil).list() {
			names = append(names, g.(map[string]any)["name"])
		}
	}
	b.want("names", names, []string{"G4", "G3", "G2", "G1", "G0"})
	b.want("beyond the end", b.z("GET", "groups?pageSize=2&page=9", nil).raw, "[]")

	b.state("I1", simulator.State{State: "disconnected"})
	for range 45 {
		b.z("POST", "send-text", map[string]any{"phone": ana, "message": "m"})
	}
	seen, state := 0, ""
	for more := true; more; {
		a := b.z("POST", "queue", map[string]any{"pageSize": 20, "pagingState": state})
		seen += len(a.list("messages"))
		state, more = a.text("pagingState"), a.at("hasMore") == true
	}
	b.want("messages seen", seen, 45)
}

func TestAutoInvite_SendsOnePrivateInviteAndAddParticipantAnother(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.person(simulator.Person{Phone: bruno, Addable: new(false), Joins: new(false)})
	a := b.z("POST", "create-group", map[string]any{"autoInvite": true, "groupName": "G", "phones": []string{ana, bruno}})
	id := a.text("phone")
	b.want("listed", a.at("phonesNotAdded"), []string{bruno})
	add := func(auto bool, phone string) any {
		return b.z("POST", "add-participant", map[string]any{"autoInvite": auto, "groupId": id, "phones": []string{phone}}).at("value")
	}
	b.want("invited", add(true, bruno), true)
	b.want("not addable, not invited", add(false, bruno), false)
	b.want("a LID adds no person", add(true, "123456789012345@lid"), false)
	b.want("invites", len(b.sim.Ledger().Invites(id, bruno)), 2)
	b.want("via", b.sim.Ledger().Messages[0].Via, simulator.ViaNative)
}

func TestInviteLink_IsShownToAdminsOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	z, g := b.zCreate("Z", ana), b.gCreate("G", vera)
	for _, name := range []string{"Z", "G"} {
		if err := b.sim.ChangeGroup(name, simulator.GroupChange{Admin: new(false)}); err != nil {
			t.Fatal(err)
		}
	}
	b.want("why Z-API shows no link", b.z("GET", "group-metadata/"+z.text("phone"), nil).at("invitationLinkError"), "not-authorized")
	b.want("the link at GREEN-API", b.gData(g.text("chatId")).at("groupInviteLink"), "")
}

func TestCheckWhatsapp_TellsWhatsAppsSpellingAndTheLID(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.person(simulator.Person{Phone: "5544999999999", Form: "554499999999", LID: "123"})
	b.person(simulator.Person{Phone: ivan, HasWhatsApp: new(false)})
	a := b.g("POST", "checkWhatsapp", map[string]any{"chatId": "5544999999999@c.us"})
	b.want("answer", []any{a.at("existsWhatsapp"), a.at("chatId"), a.at("phoneNumber")}, []any{true, "123@lid", "554499999999@c.us"})
	b.want("no account", b.g("POST", "checkWhatsapp", map[string]any{"chatId": ivan + "@c.us"}).at("chatId"), "")
	b.want("short form", b.g("POST", "checkWhatsapp", map[string]any{"phoneNumber": 79000000002}).raw, `{"existsWhatsapp":false}`)
	b.state("7105000001", simulator.State{CheckQuota: new(1)})
	b.want("within the quota", b.g("POST", "checkWhatsapp", map[string]any{"phoneNumber": 79000000002}).status, 200)
	b.want("beyond it", b.g("POST", "checkWhatsapp", map[string]any{"phoneNumber": 79000000002}).status, 466)
}
