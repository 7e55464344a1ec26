package outside_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/e2e/outside"
)

// These tests speak plain HTTP, as a reader of the documents would: the provider is judged before
// it judges.

type bench struct {
	t   *testing.T
	p   *outside.Provider
	url string
}

func start(t *testing.T, change func(*outside.Config)) *bench {
	t.Helper()
	cfg := outside.Config{Instances: []outside.Instance{
		{Provider: outside.ZAPI, ID: "Z1", Token: "tz", ClientToken: "ct", Own: "5511900000001"},
		{Provider: outside.GreenAPI, ID: "7105000001", Token: "tg", Own: "79000000001"},
	}, Census: &outside.Census{}}
	if change != nil {
		change(&cfg)
	}
	b := &bench{t: t, p: outside.New(cfg)}
	s := httptest.NewServer(b.p)
	t.Cleanup(s.Close)
	b.url = s.URL
	return b
}

// do sends one request and decodes the answer; status 0 means that no whole answer came.
func (b *bench) do(method, path, body string, into any) int {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Client-Token", "ct")
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: 2 * time.Second}
	resp, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			b.t.Fatalf("%s %s answered %s: %v", method, path, text, err)
		}
	}
	return resp.StatusCode
}

const (
	zapi  = "/instances/Z1/token/tz/"
	green = "/waInstance7105000001/"
)

func TestZAPICreatesAGroupOfThoseWhoCanBeAdded(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.p.Census().Set("5544888888888", outside.Blocks)
	var made struct {
		Phone, InvitationLink string
		PhonesNotAdded        []string
	}
	status := b.do("POST", zapi+"create-group", `{"autoInvite":false,"groupName":"A","phones":["5544999999999","5544888888888"]}`, &made)
	if status != 200 || !strings.HasSuffix(made.Phone, "-group") || len(made.PhonesNotAdded) != 1 || made.PhonesNotAdded[0] != "5544888888888" {
		t.Fatalf("status %d, answer %+v", status, made)
	}
	var meta struct {
		Subject      string
		Creation     int64
		Participants []struct{ Phone string }
	}
	b.do("GET", zapi+"light-group-metadata/"+made.Phone, "", &meta)
	// The owner, and the one who could be added, by the number without the ninth digit.
	if meta.Subject != "A" || meta.Creation < 1e12 || len(meta.Participants) != 2 || meta.Participants[1].Phone != "554499999999" {
		t.Fatalf("metadata %+v", meta)
	}
	b.do("POST", zapi+"send-text", `{"phone":"5544888888888","message":"join `+made.InvitationLink+`"}`, nil)
	l := b.p.Ledger()
	if len(l.Creates) != 1 || len(l.Groups) != 1 || len(l.Invites) != 1 || l.Invites[0].Phone != "5544888888888" || l.Invites[0].Group != l.Groups[0].ID {
		t.Fatalf("ledger %+v", l)
	}
	if len(l.Complaints) != 0 {
		t.Fatalf("complaints about requests that follow the documents: %q", l.Complaints)
	}
}

func TestGreenAPICreatesAGroupOfThoseWhoCanBeAdded(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.p.Census().Set("79001234568", outside.Blocks)
	b.p.Census().Set("79001234569", outside.NoWhatsApp)
	if status := b.do("POST", green+"createGroup/tg", `{"groupName":"A","chatIds":["79001234567@c.us","79001234569@c.us"]}`, nil); status != 500 {
		t.Fatalf("a create with a number without WhatsApp is answered %d, want 500", status)
	}
	var made struct {
		Created                 bool
		ChatID, GroupInviteLink string
	}
	b.do("POST", green+"createGroup/tg", `{"groupName":"A","chatIds":["79001234567@c.us","79001234568@c.us"]}`, &made)
	var data struct {
		Size         int
		Creation     int64
		Participants []struct{ ID, LID string }
	}
	b.do("POST", green+"getGroupData/tg", `{"groupId":"`+made.ChatID+`"}`, &data)
	if !made.Created || data.Size != 2 || data.Creation > 1e12 || data.Participants[1].ID != "79001234567@c.us" || data.Participants[1].LID == "" {
		t.Fatalf("created %+v, data %+v", made, data)
	}
	var exists struct{ ExistsWhatsapp bool }
	if status := b.do("POST", green+"checkWhatsapp/tg", `{"phoneNumber":5544999999999}`, nil); status != 400 {
		t.Errorf("13 digits in the documented form are answered %d, want 400", status)
	}
	if b.do("POST", green+"checkWhatsapp/tg", `{"phoneNumber":79001234569}`, &exists); exists.ExistsWhatsapp {
		t.Error("a number without WhatsApp exists")
	}
	if b.do("POST", green+"checkWhatsapp/tg", `{"chatId":"5544999999999@c.us"}`, &exists); !exists.ExistsWhatsapp {
		t.Error("a number with WhatsApp does not exist")
	}
}

func TestAFaultTellsNothingOfWhetherTheGroupCameToBe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault  outside.Fault
		status int
		groups int
	}{
		{outside.None, 200, 1},
		{outside.ErrorCreated, 500, 1},
		{outside.ErrorPlain, 500, 0},
		{outside.HangCreated, 0, 1},
		{outside.ResetBefore, 0, 0},
		{outside.ResetCreated, 0, 1},
		{outside.TornCreated, 0, 1},
		{outside.BadGateway, 502, 0},
		{outside.BadGatewayCreated, 502, 1},
		{outside.TooMany, 429, 0},
		{outside.Starting, 400, 0},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel()
			b := start(t, func(c *outside.Config) { c.HangFor = time.Second })
			b.p.Faults().Script("A", tt.fault)
			status := b.do("POST", green+"createGroup/tg", `{"groupName":"A","chatIds":["79001234567@c.us"]}`, nil)
			l := b.p.Ledger()
			if status != tt.status || len(l.Groups) != tt.groups || tt.fault.Happens() != (tt.groups == 1) {
				t.Errorf("status %d and %d groups, want %d and %d", status, len(l.Groups), tt.status, tt.groups)
			}
			if len(l.Creates) != 1 || l.Creates[0].Fault != tt.fault {
				t.Errorf("creates %+v", l.Creates)
			}
		})
	}
}

func TestWhatTheDocumentsForbidIsComplainedOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path, body string
		status                   int
	}{
		{"a get where a post is documented", "GET", zapi + "create-group", "", 405},
		{"an endpoint nobody documents", "GET", zapi + "all-groups", "", 404},
		{"a wrong token", "GET", "/instances/Z1/token/xx/status", "", 400},
		{"a phone with a plus", "POST", zapi + "create-group", `{"autoInvite":false,"groupName":"A","phones":["+5544999999999"]}`, 400},
		{"a phone as a number", "POST", zapi + "create-group", `{"autoInvite":false,"groupName":"A","phones":[5544999999999]}`, 400},
		{"the own number", "POST", zapi + "create-group", `{"autoInvite":false,"groupName":"A","phones":["5511900000001"]}`, 400},
		{"no autoInvite", "POST", zapi + "create-group", `{"groupName":"A","phones":["5544999999999"]}`, 400},
		{"a list without pages", "GET", zapi + "groups", "", 400},
		{"phones at GREEN-API", "POST", green + "createGroup/tg", `{"groupName":"A","phones":[79001234567]}`, 400},
		{"nobody at GREEN-API", "POST", green + "createGroup/tg", `{"groupName":"A","chatIds":[]}`, 400},
		{"a group in a group", "POST", green + "createGroup/tg", `{"groupName":"A","chatIds":["120363000000000001@g.us"]}`, 500},
		{"a name of 101 characters", "POST", green + "createGroup/tg", `{"groupName":"` + strings.Repeat("ã", 101) + `","chatIds":["79001234567@c.us"]}`, 400},
		{"a wrong token at GREEN-API", "GET", "/waInstance7105000001/getStateInstance/xx", "", 401},
		{"a wrong instance", "GET", "/waInstance1/getStateInstance/tg", "", 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := start(t, nil)
			status := b.do(tt.method, tt.path, tt.body, nil)
			l := b.p.Ledger()
			if status != tt.status || len(l.Complaints) == 0 || len(l.Groups) != 0 {
				t.Errorf("status %d (want %d), complaints %q, %d groups", status, tt.status, l.Complaints, len(l.Groups))
			}
			for _, c := range l.Complaints {
				if strings.Contains(c, "tz") || strings.Contains(c, "tg") || strings.Contains(c, "5544999999999") {
					t.Errorf("the complaint %q tells a token or a number", c)
				}
			}
		})
	}
}

func TestListsShowAGroupAfterTheirLag(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *outside.Config) { c.ListLag = 300 * time.Millisecond })
	b.do("POST", zapi+"create-group", `{"autoInvite":false,"groupName":"A","phones":["5544999999999"]}`, nil)
	var list []struct{ Name string }
	b.do("GET", zapi+"groups?page=1&pageSize=10", "", &list)
	if len(list) != 0 {
		t.Fatalf("the list shows the group at once: %+v", list)
	}
	deadline := time.Now().Add(5 * time.Second)
	for len(list) == 0 && time.Now().Before(deadline) {
		b.do("GET", zapi+"groups?page=1&pageSize=10", "", &list)
	}
	if len(list) != 1 || list[0].Name != "A" {
		t.Fatalf("the list shows %+v", list)
	}
	b.p.BreakLists("Z1", true)
	if status := b.do("GET", zapi+"groups?page=1&pageSize=10", "", nil); status != 500 {
		t.Fatalf("a broken list is answered %d, want 500", status)
	}
}

func TestASeedIsTheSameTruthInEveryRun(t *testing.T) {
	t.Parallel()
	census := func() *outside.Census { return &outside.Census{Seed: 7, BlocksShare: 0.3, NoWhatsAppShare: 0.1} }
	one, two := census(), census()
	counts := map[outside.Kind]int{}
	for i := range 1000 {
		phone := "7900000" + string(rune('0'+i/100%10)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + "0"
		if one.Person(phone) != two.Person(phone) {
			t.Fatalf("%s is two people", phone)
		}
		counts[one.Person(phone).Kind]++
	}
	if b, n := counts[outside.Blocks], counts[outside.NoWhatsApp]; b < 240 || b > 360 || n < 60 || n > 140 {
		t.Errorf("shares of a thousand people: %v, want about 300 and 100", counts)
	}
	for typed, known := range map[string]string{
		"5544999999999": "554499999999", "554499999999": "554499999999",
		"5511999999999": "5511999999999", "551199999999": "5511999999999",
		"525500009716": "5215500009716", "5215500009716": "5215500009716", "79001234567": "79001234567",
	} {
		if got := outside.Fold(typed); got != known {
			t.Errorf("Fold(%s) = %s, want %s", typed, got, known)
		}
	}
}
