package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestLedgerComplaints_HoldWhatTheDocumentsForbid(t *testing.T) {
	t.Parallel()
	const zapi, green = "/instances/I1/token/z-token/", "/waInstance7105000001/"
	tests := []struct {
		name, verb, path string
		body             any
		status           int
	}{
		{"a get where a post is documented", "GET", zapi + "create-group", nil, 405},
		{"an undocumented endpoint", "GET", zapi + "all-groups", nil, 404},
		{"a wrong token", "GET", "/instances/I1/token/xx/status", nil, 400},
		{"an instance that is not there", "GET", "/instances/I9/token/z-token/status", nil, 400},
		{"a phone with a plus", "POST", zapi + "create-group", map[string]any{"autoInvite": false, "groupName": "A", "phones": []string{"+" + ana}}, 400},
		{"a phone as a number", "POST", zapi + "create-group", map[string]any{"autoInvite": false, "groupName": "A", "phones": []int{5544999999999}}, 400},
		{"the own number", "POST", zapi + "create-group", map[string]any{"autoInvite": false, "groupName": "A", "phones": []string{zPhone}}, 400},
		{"no autoInvite", "POST", zapi + "create-group", map[string]any{"groupName": "A", "phones": []string{ana}}, 400},
		{"a list without pages", "GET", zapi + "groups", nil, 400},
		{"a field too many", "POST", zapi + "phone-exists-batch", map[string]any{"phones": []string{ana}, "hurry": true}, 200},
		{"phones at GREEN-API", "POST", green + "createGroup/g-token", map[string]any{"groupName": "A", "phones": []int{79001234567}}, 400},
		{"no person at GREEN-API", "POST", green + "createGroup/g-token", map[string]any{"groupName": "A", "chatIds": []string{}}, 400},
		{"a group in a group", "POST", green + "createGroup/g-token", map[string]any{"groupName": "A", "chatIds": []string{"120363000000000001@g.us"}}, 500},
		{"a name of 101 characters", "POST", green + "createGroup/g-token", map[string]any{"groupName": strings.Repeat("ã", 101), "chatIds": []string{vera + "@c.us"}}, 400},
		{"a wrong token at GREEN-API", "GET", green + "getStateInstance/xx", nil, 401},
		{"a GREEN-API instance that is not there", "GET", "/waInstance1/getStateInstance/g-token", nil, 403},
		{"an address of no provider", "GET", "/nowhere?token=g-token", nil, 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			header := map[string]string{"Client-Token": "z-client", "Content-Type": "application/json"}
			b.want("status", b.do(tt.verb, b.url+tt.path, header, tt.body).status, tt.status)
			l := b.sim.Ledger()
			if len(l.Complaints()) != 1 || len(l.Groups) != 0 {
				t.Errorf("got complaints %+v and groups %+v, want one complaint and no group", l.Complaints(), l.Groups)
			}
			for _, c := range l.Complaints() {
				if text := c.Method + c.Params + c.Rule + c.Unknown; strings.Contains(text, "-token") {
					t.Errorf("the complaint %+v holds a token", c)
				}
			}
		})
	}
}

func TestLedgerComplaints_HoldNothingThatTheDocumentsAllow(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *simulator.Config) { c.Instances[1].Old = true })
	b.person(simulator.Person{Phone: ivan, HasWhatsApp: new(false)})
	b.want("a create", b.zCreate("A", ana, bruno).status, 200)
	b.want("a number without WhatsApp", b.gCreate("B", ivan).status, 500)
	b.want("a check by chatId, which older hosts do not know", b.g("POST", "checkWhatsapp", map[string]any{"chatId": vera + "@c.us"}).status, 400)
	b.want("a check by phoneNumber, which they know", b.g("POST", "checkWhatsapp", map[string]any{"phoneNumber": 79001234567}).status, 200)
	b.script(simulator.Script{Fault: "400", Times: -1})
	b.want("a fault", b.gCreate("C", vera).status, 400)
	b.state("I1", simulator.State{State: "disconnected"})
	b.want("a state", b.zCreate("D", ana).status, 400)
	if all := b.sim.Ledger().Complaints(); len(all) > 0 {
		t.Errorf("complaints about calls that follow the documents: %+v", all)
	}
}

func TestInstanceOld_AnswersWithoutTheLatestFields(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		b := setup(t, func(c *simulator.Config) { c.Instances[0].Old, c.Instances[1].Old = old, old })
		b.person(simulator.Person{Phone: bruno, Addable: new(false)})
		body, _ := b.zCreate("A", ana, bruno).body.(map[string]any)
		_, told := body["phonesNotAdded"]
		b.want("the answer has phonesNotAdded", told, !old)
		b.want("chatId is known", b.g("POST", "checkWhatsapp", map[string]any{"chatId": vera + "@c.us"}).status == http.StatusOK, !old)
	}
}
