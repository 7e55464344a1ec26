package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

const (
	ana   = "5511900000001"
	bruno = "5511900000002"
	vera  = "79000000001"
	ivan  = "79000000002"
)

func TestSimulator_ShowsItsTwentyTwoBehavioursOverTheWire(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		see  func(b *bench)
	}{
		{"1 create adds everybody at Z-API", func(b *bench) {
			a := b.zCreate("G", ana, bruno)
			b.want("status", a.status, 200)
			b.want("not added", a.at("phonesNotAdded"), []string{})
			b.want("members", len(b.z("GET", "light-group-metadata/"+a.text("phone"), nil).list("participants")), 3)
		}},
		{"1 create adds everybody at GREEN-API", func(b *bench) {
			a := b.gCreate("G", vera, ivan)
			b.want("created", a.at("created"), true)
			b.want("size", b.gData(a.text("chatId")).at("size"), 3)
		}},
		{"2 phonesNotAdded names who is left out", func(b *bench) {
			b.person(simulator.Person{Phone: bruno, Addable: new(false)})
			b.want("not added", b.zCreate("G", ana, bruno).at("phonesNotAdded"), []string{bruno})
		}},
		{"2 an older server has no phonesNotAdded", func(b *bench) {
			b.sim.AdjustQuirks(func(q *simulator.Quirks) { q.NotAdded = "absent" })
			b.person(simulator.Person{Phone: bruno, Addable: new(false)})
			a := b.zCreate("G", ana, bruno)
			b.want("raw mentions the field", strings.Contains(a.raw, "phonesNotAdded"), false)
			b.want("members", len(b.z("GET", "light-group-metadata/"+a.text("phone"), nil).list("participants")), 2)
		}},
		{"3 GREEN-API does not say who is left out", func(b *bench) {
			b.person(simulator.Person{Phone: ivan, Addable: new(false)})
			a := b.gCreate("G", vera, ivan)
			b.want("fields", len(a.body.(map[string]any)), 3)
			b.want("size", b.gData(a.text("chatId")).at("size"), 2)
		}},
		{"4 participants are LIDs at Z-API", func(b *bench) {
			b.person(simulator.Person{Phone: ana, ListedAsLID: new(true), LID: "123456789012345"})
			a := b.z("GET", "light-group-metadata/"+b.zCreate("G", ana).text("phone"), nil)
			b.want("phone", a.at("participants", 1, "phone"), "123456789012345@lid")
		}},
		{"4 participants have a lid at GREEN-API, and sometimes only that", func(b *bench) {
			b.person(simulator.Person{Phone: vera, ListedAsLID: new(true), LID: "123456789012345"})
			a := b.gData(b.gCreate("G", vera, ivan).text("chatId"))
			b.want("id", a.at("participants", 1, "id"), "123456789012345@lid")
			b.want("id", a.at("participants", 2, "id"), ivan+"@c.us")
			b.want("lid", strings.HasSuffix(a.text("participants", 2, "lid"), "@lid"), true)
		}},
		{"5 the list drops the ninth digit", func(b *bench) {
			b.person(simulator.Person{Phone: "5544999999999", Form: "554499999999"})
			a := b.z("POST", "phone-exists-batch", map[string]any{"phones": []string{"5544999999999"}})
			b.want("outputPhone", a.at(0, "outputPhone"), "554499999999")
			m := b.z("GET", "light-group-metadata/"+b.zCreate("G", "5544999999999").text("phone"), nil)
			b.want("listed", m.at("participants", 1, "phone"), "554499999999")
		}},
		{"6 HTTP 500 with the group created", func(b *bench) {
			b.script(simulator.Script{Method: "createGroup", Fault: "500-but-created"})
			b.want("status", b.gCreate("G", vera).status, 500)
			b.want("groups", len(b.sim.Ledger().GroupsNamed("G")), 1)
		}},
		{"7 rate overlimit when two creates are close", func(b *bench) {
			b.sim.AdjustQuirks(func(q *simulator.Quirks) { q.CreateSpacing = simulator.Duration(5 * time.Minute) })
			b.gCreate("G", vera)
			a := b.gCreate("H", vera)
			b.want("status", a.status, 500)
			b.want("message", a.at("message"), "rate overlimit")
			b.want("groups", len(b.sim.Ledger().Groups), 1)
			b.pass(5 * time.Minute)
			b.want("later", b.gCreate("H", vera).status, 200)
		}},
		{"8 a hang beyond the client's timeout, created afterwards", func(b *bench) {
			b.impatient()
			b.script(simulator.Script{Fault: "hang-but-created"})
			b.want("no answer", b.gCreate("G", vera).err != nil, true)
			b.eventually("the group exists", func() bool { return len(b.sim.Ledger().GroupsNamed("G")) == 1 })
		}},
		{"9 lists lag: chats a minute, contacts five", func(b *bench) {
			b.sim.AdjustQuirks(func(q *simulator.Quirks) {
				q.ChatsLag, q.ContactsLag = simulator.Duration(time.Minute), simulator.Duration(5*time.Minute)
			})
			b.gCreate("G", vera)
			b.want("chats at once", len(b.g("GET", "getChats", nil).list()), 0)
			b.pass(time.Minute)
			b.want("chats after a minute", b.g("GET", "getChats", nil).at(0, "name"), "G")
			b.want("contacts after a minute", len(b.g("GET", "getContacts", nil).list()), 0)
			b.pass(4 * time.Minute)
			b.want("contacts after five", b.g("GET", "getContacts", nil).at(0, "type"), "group")
		}},
		{"9 a listed group has lost its name", func(b *bench) {
			b.gCreate("G", vera)
			if err := b.sim.ChangeGroup("G", simulator.GroupChange{Nameless: new(true)}); err != nil {
				b.t.Error(err)
			}
			b.want("name", b.g("GET", "getChats", nil).at(0, "name"), "")
		}},
		{"10 429 above the documented rates", func(b *bench) {
			b.want("first", b.g("GET", "getStateInstance", nil).status, 200)
			b.want("second", b.burst("GET", "getStateInstance", nil).status, 429)
			b.pass(time.Second)
			b.want("a second later", b.burst("GET", "GetStateInstance", nil).status, 200)
		}},
		{"11 the 466 body", func(b *bench) {
			b.script(simulator.Script{Fault: "466"})
			a := b.gCreate("G", vera)
			b.want("status", a.status, 466)
			b.want("reason", a.at("invokeStatus", "status"), "QUOTE_EXCEEDED")
		}},
		{"11 the 401 as HTTP 200", func(b *bench) {
			b.script(simulator.Script{Fault: "401-as-200"})
			a := b.g("GET", "getStateInstance", nil)
			b.want("status", a.status, 200)
			b.want("code", a.at("code"), 401)
		}},
		{"12 an error body with HTTP 200", func(b *bench) {
			b.script(simulator.Script{Fault: "200-error-body"})
			a := b.zCreate("G", ana)
			b.want("status", a.status, 200)
			b.want("error", a.text("error") != "", true)
			b.want("groups", len(b.sim.Ledger().Groups), 0)
		}},
		{"12 a wrong and a missing client token", func(b *bench) {
			url := b.url + "/instances/I1/token/z-token/status"
			wrong := b.do("GET", url, map[string]string{"Client-Token": "other"}, nil)
			b.want("status", wrong.status, 400)
			b.want("error", wrong.at("error"), "your client-token is not configured")
			b.want("missing", b.do("GET", url, nil, nil).at("error"), "null not allowed")
		}},
		{"13 405 for a wrong verb, 415 without a content type", func(b *bench) {
			b.want("verb", b.z("GET", "create-group", nil).status, 405)
			a := b.do("POST", b.url+"/instances/I1/token/z-token/create-group", map[string]string{"Client-Token": "z-client"}, map[string]any{})
			b.want("content type", a.status, 415)
		}},
		{"14 the own number is refused", func(b *bench) {
			b.want("status", b.zCreate("G", ana, zPhone).status, 400)
			b.want("groups", len(b.sim.Ledger().Groups), 0)
		}},
		{"15 a number without WhatsApp breaks the create", func(b *bench) {
			b.person(simulator.Person{Phone: ivan, HasWhatsApp: new(false)})
			b.want("status", b.gCreate("G", vera, ivan).status, 500)
			b.want("groups", len(b.sim.Ledger().Groups), 0)
		}},
		{"16 a send is queued, its failure reported later", seeDeliveries},
		{"17 states: disconnected, notAuthorized, suspended until", func(b *bench) {
			b.state("I1", simulator.State{State: "disconnected"})
			b.want("connected", b.z("GET", "status", nil).at("connected"), false)
			b.state("7105000001", simulator.State{State: "notAuthorized"})
			b.want("state", b.g("GET", "getStateInstance", nil).at("stateInstance"), "notAuthorized")
			b.want("create", b.gCreate("G", vera).at("message"), "instance account not authorized")
			until := b.clock().Add(time.Hour)
			b.state("7105000001", simulator.State{State: "suspended", Until: until})
			b.want("until", b.g("GET", "getWaSettings", nil).at("suspendedUntil"), until.Unix())
			b.pass(time.Hour)
			b.want("afterwards", b.g("GET", "getStateInstance", nil).at("stateInstance"), "authorized")
		}},
		{"18 only Z-API reports a join after an invite", seeJoins},
		{"19 addParticipant is false for a member", func(b *bench) {
			a := b.gCreate("G", vera)
			again := b.g("POST", "addGroupParticipant", map[string]any{"groupId": a.text("chatId"), "participantChatId": vera + "@c.us"})
			b.want("member", again.at("addParticipant"), false)
			first := b.g("POST", "addGroupParticipant", map[string]any{"groupId": a.text("chatId"), "participantChatId": ivan + "@c.us"})
			b.want("stranger", first.at("addParticipant"), true)
		}},
		{"20 strings for booleans, array or object", func(b *bench) {
			b.zCreate("G", ana)
			a := b.z("GET", "groups?page=1&pageSize=10", nil)
			b.want("archived", a.at(0, "archived"), "false")
			_, isText := a.at(0, "lastMessageTime").(string)
			b.want("time is a string", isText, true)
			b.want("array", b.z("GET", "phone-exists/"+ana, nil).at(0, "exists"), true)
			b.sim.AdjustQuirks(func(q *simulator.Quirks) { q.PhoneExists = "object" })
			b.want("object", b.z("GET", "phone-exists/"+ana, nil).at("exists"), true)
		}},
		{"21 webhooks: bearer and retry at GREEN-API, neither at Z-API", seeWebhooks},
		{"22 the 400 body repeats the token", func(b *bench) {
			a := b.g("POST", "createGroup", map[string]any{"chatIds": []string{vera + "@c.us"}})
			b.want("status", a.status, 400)
			b.want("path", a.at("path"), "/waInstance7105000001/createGroup/g-token")
			b.want("message", a.at("message"), "Validation failed. Details: 'groupName' is required")
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.see(setup(t, nil))
		})
	}
}

// seeDeliveries checks that both providers report later what became of a message that they accepted.
func seeDeliveries(b *bench) {
	hooks := receive(b.t, 200)
	b.z("PUT", "update-webhook-delivery", map[string]any{"value": hooks.url})
	b.person(simulator.Person{Phone: bruno, HasWhatsApp: new(false)})
	sent := b.z("POST", "send-text", map[string]any{"phone": ana, "message": "hello"})
	lost := b.z("POST", "send-text", map[string]any{"phone": bruno, "message": "hello"})
	b.want("queued", lost.status, 200)
	queue := b.do("POST", b.url+"/instances/I1/token/z-token/queue", map[string]string{"Client-Token": "z-client", "Content-Type": "application/json"}, map[string]any{})
	b.want("still in the queue", queue.at("messages", 0, "MessageId") != nil, true)
	b.pass(time.Minute)
	b.sim.Ledger() // runs the events that are due
	b.eventually("both callbacks came", func() bool { return len(hooks.of("DeliveryCallback")) == 2 })
	for _, h := range hooks.of("DeliveryCallback") {
		want := any(nil)
		if h.body["messageId"] == lost.text("messageId") {
			want = "Phone number does not exist"
		} else {
			b.want("id", h.body["messageId"], sent.text("messageId"))
		}
		b.want("error", h.body["error"], want)
	}

	b.person(simulator.Person{Phone: ivan, HasWhatsApp: new(false)})
	b.want("queued at GREEN-API", b.g("POST", "sendMessage", map[string]any{"chatId": ivan + "@c.us", "message": "hello"}).status, 200)
	b.want("status of the queue", b.g("GET", "showMessagesQueue", nil).status, 200)
	b.pass(time.Minute)
	b.want("failed", b.g("GET", "receiveNotification", nil).at("body", "status"), "noAccount")
	b.want("journal", b.g("GET", "lastOutgoingMessages", nil).at(0, "statusMessage"), "noAccount")
}

// seeJoins checks that Z-API reports that a person followed a link, and that GREEN-API does not.
func seeJoins(b *bench) {
	hooks := receive(b.t, 200)
	b.z("PUT", "update-webhook-received", map[string]any{"value": hooks.url})
	for _, phone := range []string{ana, vera} {
		b.person(simulator.Person{Phone: phone, Addable: new(false), JoinAfter: new(simulator.Duration(time.Minute))})
	}
	zGroup, gGroup := b.zCreate("Z", ana, bruno), b.gCreate("G", vera, ivan)
	b.z("POST", "send-text", map[string]any{"phone": ana, "message": "Join " + zGroup.text("invitationLink")})
	b.g("POST", "sendMessage", map[string]any{"chatId": vera + "@c.us", "message": "Join " + gGroup.text("groupInviteLink")})
	b.pass(2 * time.Minute)
	for _, group := range b.sim.Ledger().Groups {
		last := group.Members[len(group.Members)-1]
		b.want("how the last one came into "+group.Name, last.How, simulator.HowJoined)
	}
	b.eventually("Z-API reports the join", func() bool { return len(hooks.of("ReceivedCallback")) == 1 })
	b.want("notification", hooks.of("ReceivedCallback")[0].body["notification"], "GROUP_PARTICIPANT_INVITE")
	b.want("GREEN-API reports the message", b.g("GET", "receiveNotification", nil).at("body", "typeWebhook"), "outgoingMessageStatus")
	b.do("DELETE", b.url+"/waInstance7105000001/deleteNotification/g-token/1", nil, nil)
	b.want("GREEN-API's next notification", b.g("GET", "receiveNotification", nil).raw, "null")
	b.want("invites", len(b.sim.Ledger().Invites(zGroup.text("phone"), ana)), 1)
}

// seeWebhooks checks that GREEN-API repeats a refused webhook, and that Z-API does not.
func seeWebhooks(b *bench) {
	green, zapi := receive(b.t, 500), receive(b.t, 500)
	b.g("POST", "setSettings", map[string]any{"webhookUrl": green.url, "webhookUrlToken": "bearer-secret"})
	b.z("PUT", "update-every-webhooks", map[string]any{"value": zapi.url})
	b.state("7105000001", simulator.State{State: "notAuthorized"})
	b.state("I1", simulator.State{State: "disconnected"})
	b.eventually("both sent a webhook", func() bool { return green.count() == 1 && zapi.count() == 1 })
	b.want("bearer", green.all()[0].header.Get("Authorization"), "Bearer bearer-secret")
	green.answer(200)
	b.eventually("GREEN-API tries again", func() bool { b.pass(10 * time.Second); return green.count() == 2 })
	b.eventually("the ledger says that the second try is accepted", func() bool {
		for _, p := range b.sim.Ledger().Webhooks {
			if p.Instance == "7105000001" && p.Done && p.Tries == 2 {
				return true
			}
		}
		return false
	})
	b.pass(time.Hour)
	b.sim.Ledger() // runs the events that are due
	b.want("webhooks of Z-API", zapi.count(), 1)
}

// hook is one webhook a receiver got.
type hook struct {
	header http.Header
	body   map[string]any
}

// receiver answers every webhook with its status.
type receiver struct {
	url string

	mu     sync.Mutex
	status int
	got    []hook
}

func receive(t *testing.T, status int) *receiver {
	t.Helper()
	r := &receiver{status: status}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		raw, _ := io.ReadAll(req.Body)
		h := hook{header: req.Header.Clone()}
		_ = json.Unmarshal(raw, &h.body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, h)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	r.url = srv.URL
	return r
}

func (r *receiver) all() []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]hook{}, r.got...)
}

func (r *receiver) count() int { return len(r.all()) }

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) of(kind string) []hook {
	var out []hook
	for _, h := range r.all() {
		if h.body["type"] == kind {
			out = append(out, h)
		}
	}
	return out
}
