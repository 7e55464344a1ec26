package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// workflow is the part of the n8n example that the tests read.
type workflow struct {
	ID    string
	Nodes []struct {
		ID, Name, Type string
		Parameters     struct {
			Method, URL, JSONBody, Path, Value string
			HeaderParameters                   struct {
				Parameters []struct{ Name, Value string }
			}
			Conditions conditions
			Rules      struct {
				Values []struct{ Conditions conditions }
			}
			Assignments struct {
				Assignments []struct{ Name, Value string }
			}
		}
	}
	Connections map[string]struct {
		Main [][]struct{ Node string }
	}
}

type conditions struct {
	Conditions []struct{ LeftValue, RightValue string }
}

func readWorkflow(t *testing.T) *workflow {
	t.Helper()
	text, err := os.ReadFile("../../examples/n8n/group-for-each-deal.json")
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := json.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	return &w
}

// node returns the index of a node.
func (w *workflow) node(t *testing.T, name string) int {
	t.Helper()
	for i := range w.Nodes {
		if w.Nodes[i].Name == name {
			return i
		}
	}
	t.Fatalf("there is no node %q", name)
	return -1
}

// value evaluates an n8n expression in node: $json is item, and $('rollcall tells').first().json is told. A text that
// is not an expression is returned unchanged.
func value(t *testing.T, expression string, item, told any) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("REQUIRE_REAL_REDIS") == "" {
			t.Skip("node IS NOT INSTALLED: THE EXPRESSIONS WERE NOT RUN")
		}
		t.Fatal(err)
	}
	code, ok := strings.CutPrefix(expression, "={{")
	code, closed := strings.CutSuffix(code, "}}")
	if !ok || !closed {
		return expression
	}
	scope, err := json.Marshal([]any{item, told})
	if err != nil {
		t.Fatal(err)
	}
	program := `const [$json, told] = ` + string(scope) + `; const $ = (name) => { if (name !== 'rollcall tells') throw name; return {first: () => ({json: told})}; };
		const v = (` + code + `); process.stdout.write(typeof v === 'string' ? v : JSON.stringify(v));`
	out, err := exec.CommandContext(t.Context(), "node", "-e", program).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", expression, err, out)
	}
	return string(out)
}

func TestN8N_EachConnectionLeadsToANodeAndEachNodeIsReached(t *testing.T) {
	t.Parallel()
	w := readWorkflow(t)
	if w.ID == "" {
		t.Error("the workflow has no id, which n8n import:workflow requires")
	}
	reached, ids := map[string]bool{}, map[string]bool{}
	for from, c := range w.Connections {
		w.node(t, from)
		for _, out := range c.Main {
			for _, to := range out {
				w.node(t, to.Node)
				reached[to.Node] = true
			}
		}
	}
	for _, n := range w.Nodes {
		if ids[n.ID] {
			t.Errorf("%s: another node has the id %s", n.Name, n.ID)
		}
		ids[n.ID] = true
		if begins := n.Type == "n8n-nodes-base.webhook"; n.Type != "n8n-nodes-base.stickyNote" && begins == reached[n.Name] {
			t.Errorf("%s (%s): reached is %v, want %v", n.Name, n.Type, reached[n.Name], !begins)
		}
	}
	var branches []string
	for i, rule := range w.Nodes[w.node(t, "What became of it?")].Parameters.Rules.Values {
		branches = append(branches, rule.Conditions.Conditions[0].RightValue+": "+w.Connections["What became of it?"].Main[i][0].Node)
	}
	if want := []string{"group.completed: The group is ready", "group.failed: Ask why", "group.review: Ask why"}; !slices.Equal(branches, want) {
		t.Errorf("got the branches %q, want %q", branches, want)
	}
}

// TestN8N_CreatesOneGroupForEachDeal sends the workflow's requests; the rig checks each against the OpenAPI document.
func TestN8N_CreatesOneGroupForEachDeal(t *testing.T) {
	t.Parallel()
	w, r := readWorkflow(t), setup(t)
	deal := map[string]any{"body": map[string]any{"dealId": 812, "name": `Turma "12"`, "phones": []string{"+5544999999999"}}}
	ask := w.Nodes[w.node(t, "Ask for the group")].Parameters
	header := ask.HeaderParameters.Parameters[0]
	at, err := url.Parse(ask.URL)
	if err != nil {
		t.Fatal(err)
	}
	var group map[string]any
	for _, outcome := range []string{"created", "existed"} {
		a := r.do(ask.Method, at.Path, value(t, ask.JSONBody, deal, nil), header.Name+": "+value(t, header.Value, deal, nil))
		if a.status != http.StatusAccepted || a.header.Get("Rollcall-Outcome") != outcome {
			t.Fatalf("got %d with the outcome %q, want 202 with %q: %s", a.status, a.header.Get("Rollcall-Outcome"), outcome, a.body)
		}
		a.json(t, &group)
	}
	if group["groupName"] != `Turma "12"` || group["externalRef"] != "812" || group["idempotencyKey"] != "deal-812" {
		t.Errorf("got the group %v, want the name, externalRef and idempotencyKey of the deal", group)
	}
	told := map[string]any{"body": map[string]any{"data": group}}
	why := w.Nodes[w.node(t, "Ask why")].Parameters
	if at, err = url.Parse(value(t, why.URL, nil, told)); err != nil {
		t.Fatal(err)
	}
	var explained map[string]any
	if a := r.do(why.Method, at.Path, ""); a.status != http.StatusOK {
		t.Fatalf("%s: got %d, want 200: %s", at.Path, a.status, a.body)
	} else {
		a.json(t, &explained)
	}
	for _, end := range []string{"The group is ready", "A person is needed"} {
		for _, field := range w.Nodes[w.node(t, end)].Parameters.Assignments.Assignments {
			if got := value(t, field.Value, explained, told); got == "" && field.Name != "inviteLink" {
				t.Errorf("%s: %s is empty", end, field.Name)
			}
		}
	}
}

func TestN8N_AcceptsOnlyEventsSignedWithItsSecret(t *testing.T) {
	t.Parallel()
	w := readWorkflow(t)
	body := []byte(`{"type":"group.completed","data":{"groupName":"São João"}}`)
	now := time.Now()
	for name, c := range map[string]struct {
		signed   string
		at       time.Time
		accepted string
	}{
		"signed":                     {"n8n's own secret", now, "true"},
		"signed with another secret": {"another", now, "false"},
		"ten minutes old":            {"n8n's own secret", now.Add(-10 * time.Minute), "false"},
	} {
		sign := func(secret string) string {
			key, err := standardwebhooks.NewWebhookRaw([]byte(secret))
			if err != nil {
				t.Fatal(err)
			}
			signature, err := key.Sign("evt_1", c.at, body)
			if err != nil {
				t.Fatal(err)
			}
			return signature
		}
		told := map[string]any{"headers": map[string]string{
			"webhook-id": "evt_1", "webhook-timestamp": strconv.FormatInt(c.at.Unix(), 10), "webhook-signature": "v1,b2xk " + sign(c.signed),
		}}
		covered := value(t, w.Nodes[w.node(t, "Sign it")].Parameters.Value, map[string]any{"raw": string(body)}, told)
		if want := bytes.Join([][]byte{[]byte("evt_1"), []byte(strconv.FormatInt(c.at.Unix(), 10)), body}, []byte(".")); covered != string(want) {
			t.Errorf("got the signed text %q, want %q", covered, want)
		}
		own := map[string]any{"signature": strings.TrimPrefix(sign("n8n's own secret"), "v1,")}
		if got := value(t, w.Nodes[w.node(t, "Is it from rollcall?")].Parameters.Conditions.Conditions[0].LeftValue, own, told); got != c.accepted {
			t.Errorf("an event %s: accepted is %s, want %s", name, got, c.accepted)
		}
	}
}
