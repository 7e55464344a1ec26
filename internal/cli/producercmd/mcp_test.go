package producercmd_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// model is the SDK's client of `rollcall-producer mcp`, over the program's standard streams.
type model struct {
	t       *testing.T
	url     string // of Redis
	session *mcp.ClientSession
	program *process
	ended   chan int // the program's exit code
}

// person answers what a client asks its user.
type person func(q *mcp.ElicitParams) (*mcp.ElicitResult, error)

// types returns a person who types the number n.
func types(n int) person {
	return func(*mcp.ElicitParams) (*mcp.ElicitResult, error) {
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"groups": n}}, nil
	}
}

// newModel starts the program and a client. If user is nil, the client cannot ask its user. If version is "", the
// client uses its newest version of the protocol.
func newModel(t *testing.T, url string, user person, version string, args ...string) *model {
	t.Helper()
	in, toProgram := io.Pipe()
	fromProgram, out := io.Pipe()
	m := &model{t: t, url: url, program: newProcess(t, url, append([]string{"mcp"}, args...)...), ended: make(chan int, 1)}
	m.program.In, m.program.Out = in, out
	m.program.User = func() (string, string) { return "ana", "desk" }
	m.program.LookupEnv = func(name string) (string, bool) {
		if name == "ROLLCALL_REDIS_URL" {
			return url, true
		}
		return "", false
	}
	go func() {
		m.ended <- producercmd.Main(m.program.IO)
		_ = out.Close()
	}()
	o := &mcp.ClientOptions{}
	if user != nil {
		o.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) { return user(r.Params) }
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, o)
	var err error
	if m.session, err = client.Connect(t.Context(), &mcp.IOTransport{Reader: fromProgram, Writer: toProgram}, &mcp.ClientSessionOptions{ProtocolVersion: version}); err != nil {
		t.Fatalf("%v; the program said %q", err, m.program.err)
	}
	t.Cleanup(func() { _ = m.session.Close() })
	return m
}

// call calls a tool and returns its document, and whether the result is an error.
func (m *model) call(tool string, args any) (doc map[string]any, failed bool) {
	m.t.Helper()
	got, err := m.session.CallTool(m.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		m.t.Fatalf("%s: %v; the program said %q", tool, err, m.program.err)
	}
	text := got.Content[0].(*mcp.TextContent).Text
	structured, err := json.Marshal(got.StructuredContent)
	if err != nil {
		m.t.Fatal(err)
	}
	var same map[string]any
	if err := errors.Join(json.Unmarshal([]byte(text), &doc), json.Unmarshal(structured, &same)); err != nil {
		m.t.Fatalf("%s: %v in %s", tool, err, text)
	}
	if !equal(doc, same) {
		m.t.Errorf("%s: the text and the structured content differ", tool)
	}
	return doc, got.IsError
}

func equal(a, b any) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}

// must calls a tool and fails the test if the result is an error.
func (m *model) must(tool string, args any) map[string]any {
	m.t.Helper()
	doc, failed := m.call(tool, args)
	if failed {
		m.t.Fatalf("%s: %v", tool, doc)
	}
	return doc
}

// refused calls a tool, fails the test unless the result is an error, and returns its code and detail.
func (m *model) refused(tool string, args any) (code, detail string) {
	m.t.Helper()
	doc, failed := m.call(tool, args)
	if !failed {
		m.t.Fatalf("%s: %v, want a refusal", tool, doc)
	}
	detail, _ = doc["detail"].(string)
	if all, ok := doc["errors"].([]any); ok && len(all) > 0 {
		code, _ = all[0].(map[string]any)["code"].(string)
	}
	return code, detail
}

// groups returns the names of all groups, by status.
func (m *model) groups() map[string][]string {
	m.t.Helper()
	var list struct {
		Items []struct{ GroupName, Status string }
	}
	if err := json.Unmarshal([]byte(run(m.t, m.url, cli.Done, "list", "--limit", "500", "--output", "json")), &list); err != nil {
		m.t.Fatal(err)
	}
	all := map[string][]string{}
	for _, g := range list.Items {
		all[g.Status] = append(all[g.Status], g.GroupName)
	}
	return all
}

type args = map[string]any

// turma returns a request for one group.
func turma(name string) args { return args{"groupName": name, "phones": []string{"+55 44 99999-9999"}} }

// created plans groups and creates them.
func (m *model) created(in args) map[string]any {
	m.t.Helper()
	return m.must("create_groups", args{"plan": m.must("plan_groups", in)["plan"]})
}

func TestMCP_OffersTheseTools(t *testing.T) {
	t.Parallel()
	url := testutil.RealRedis(t).URL()
	list := func(more ...string) []*mcp.Tool {
		got, err := newModel(t, url, nil, "", more...).session.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return got.Tools
	}
	all := list()
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "$ref") {
		t.Error("a schema refers to something that the client does not have")
	}
	golden := filepath.Join("testdata", "mcp_tools.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, append(data, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != string(data) {
		t.Errorf("the tools differ from %s. If this is intended: UPDATE_GOLDEN=1 go test ./internal/cli/producercmd -run OffersTheseTools\n%s", golden, data)
	}
	var reads, named []string
	for _, tool := range all {
		if tool.Annotations.ReadOnlyHint {
			reads = append(reads, tool.Name)
		}
	}
	for _, tool := range list("--read-only") {
		named = append(named, tool.Name)
	}
	if !slices.Equal(reads, named) || len(reads) == len(all) {
		t.Errorf("--read-only offers %q, want %q and fewer than all", named, reads)
	}
}

func TestMCP_CreatesAPlanOnce(t *testing.T) {
	t.Parallel()
	m := newModel(t, testutil.RealRedis(t).URL(), nil, "")
	plan := m.must("plan_groups", args{"groups": []args{turma("Turma 12")}})
	if plan["created"] != 1.0 || plan["dryRun"] != true || plan["needsConfirmation"] != false || len(m.groups()) != 0 {
		t.Errorf("the plan is %v, want one group to create; there are the groups %v, want none yet", plan, m.groups())
	}
	made := m.must("create_groups", args{"plan": plan["plan"]})
	group := made["group"].(map[string]any)
	if made["outcome"] != "created" || group["groupName"] != "Turma 12" || group["status"] != "queued" {
		t.Errorf("got %v, want Turma 12 created and queued", made)
	}
	if again := m.must("create_groups", args{"plan": plan["plan"]}); again["outcome"] != "existed" || again["group"].(map[string]any)["id"] != group["id"] {
		t.Errorf("the same plan again: got %v, want the existing group", again)
	}
	// The same request from another client is the same group, unless it has its own key.
	other := newModel(t, m.url, nil, "")
	if plan := other.must("plan_groups", args{"groups": []args{turma("Turma 12")}}); plan["existed"] != 1.0 || plan["created"] != 0.0 {
		t.Errorf("planned again: got %v, want one existing group", plan)
	}
	own := turma("Turma 12")
	own["idempotencyKey"] = "deal-812"
	if made := other.created(args{"groups": []args{own}}); made["outcome"] != "created" || made["group"].(map[string]any)["idempotencyKey"] != "deal-812" {
		t.Errorf("with its own key: got %v, want another group", made)
	}
	if code, detail := other.refused("create_groups", args{"plan": plan["plan"].(string) + "x"}); code != "unknownPlan" || !strings.Contains(detail, "Call plan_groups") {
		t.Errorf("an unknown plan: got %s, %q, want unknownPlan and the advice to call plan_groups", code, detail)
	}
	if got := m.groups(); len(got["queued"]) != 2 {
		t.Errorf("there are %v, want two groups", got)
	}
}

func TestMCP_APlanWithABlankKeyIsCreatedOnce(t *testing.T) {
	t.Parallel()
	m := newModel(t, testutil.RealRedis(t).URL(), nil, "")
	for _, key := range []string{"", " "} {
		in := turma("Turma 12")
		in["idempotencyKey"] = key
		m.created(args{"groups": []args{in}})
		m.created(args{"groups": []args{in}})
	}
	if got := m.groups(); len(got["queued"]) != 1 {
		t.Errorf("there are %v, want one group", got)
	}
}

func TestMCP_APlanSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	m := newModel(t, testutil.RealRedis(t).URL(), nil, "")
	bad := m.must("plan_groups", args{"groups": []args{{"groupName": "Turma", "phones": []string{"99999-9999"}}}})
	if bad["plan"] != nil || bad["invalid"] != 1.0 || !strings.Contains(string(mustJSON(t, bad["rows"])), "noPhones") && !strings.Contains(string(mustJSON(t, bad["rows"])), "badPhone") {
		t.Errorf("without a usable phone: got %v, want no plan and one invalid row", bad)
	}
	for want, in := range map[string]args{
		"noGroups": {"groups": []args{}}, "noBatch": {"groups": []args{turma("A"), turma("B")}}, "badArguments": {"group": turma("A")},
	} {
		if code, detail := m.refused("plan_groups", in); code != want || detail == "" {
			t.Errorf("got the code %s and the detail %q, want %s and a detail", code, detail, want)
		}
	}
	if _, detail := m.refused("plan_groups", args{"groups": []args{turma("A")}, "region": "XX"}); !strings.Contains(detail, "two letters") {
		t.Errorf("an unknown region: got %q, want the API's detail", detail)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMCP_ShowsGroupsAndExplainsThem(t *testing.T) {
	t.Parallel()
	m := newModel(t, testutil.RealRedis(t).URL(), types(2), "")
	m.created(args{"batch": "cohort", "groups": []args{turma("A"), turma("B")}})
	list := m.must("list_groups", args{"batchId": "cohort", "phone": "+5544999999999", "limit": 1})
	items := list["items"].([]any)
	first := items[0].(map[string]any)
	if len(items) != 1 || list["nextCursor"] == "" || first["members"] != nil || first["counts"] == nil {
		t.Errorf("the list is %v", list)
	}
	if got := m.must("list_groups", args{"cursor": list["nextCursor"], "status": []string{"queued"}})["items"].([]any); len(got) != 1 {
		t.Errorf("the next page is %v", got)
	}
	id := args{"id": first["id"]}
	if got := m.must("get_group", id); got["members"].([]any)[0].(map[string]any)["status"] != "pending" {
		t.Errorf("the group is %v", got)
	}
	if got := m.must("explain_group", id); !strings.Contains(string(mustJSON(t, got)), "no worker") {
		t.Errorf("the explanation is %v", got)
	}
	if got := m.must("get_batch", args{"batch": "cohort"}); got["total"] != 2.0 {
		t.Errorf("the batch is %v", got)
	}
	if got := m.must("status", nil); got["groups"].(map[string]any)["queued"] != 2.0 || got["instancesByState"] == nil {
		t.Errorf("the status is %v", got)
	}
	if _, detail := m.refused("get_group", args{"id": "grp_x"}); !strings.Contains(detail, "grp_x") {
		t.Errorf("an unknown group: %q", detail)
	}
}

func TestMCP_StatusShowsTheInstancesThatNeedAttention(t *testing.T) {
	url := redisFor(t)
	t.Setenv("ROLLCALL_REDIS_URL", url) // world reads it
	for _, line := range []string{"announce alpha beta", "health alpha ready fine", "health beta disconnected phone"} {
		if world(strings.Fields(line)) != 0 {
			t.Fatal(line)
		}
	}
	m := newModel(t, url, nil, "")
	names := func(doc map[string]any) (all []string) {
		for _, one := range doc["instances"].([]any) {
			all = append(all, one.(map[string]any)["name"].(string))
		}
		return all
	}
	some := m.must("status", nil)
	if got := names(some); !slices.Equal(got, []string{"beta"}) || !equal(some["instancesByState"], args{"ready": 1, "disconnected": 1}) {
		t.Errorf("got the instances %v and the states %v, want beta alone, one ready and one disconnected", got, some["instancesByState"])
	}
	if got := names(m.must("status", args{"instances": "all"})); !slices.Equal(got, []string{"alpha", "beta"}) {
		t.Errorf("instances all: got %v, want alpha and beta", got)
	}
}

func TestMCP_CancelsAndRetriesOneGroup(t *testing.T) {
	t.Parallel()
	m := newModel(t, testutil.RealRedis(t).URL(), nil, "")
	id := args{"id": m.created(args{"groups": []args{turma("A")}})["group"].(map[string]any)["id"]}
	if got := m.must("cancel_group", id); got["status"] != "cancelled" {
		t.Errorf("after cancel: got %v, want cancelled", got["status"])
	}
	if got := m.must("retry_group", id); got["status"] != "queued" {
		t.Errorf("after retry: got %v, want queued", got["status"])
	}
	if _, detail := m.refused("retry_group", id); !strings.Contains(detail, "queued") {
		t.Errorf("a second retry: got %q, want that the group is queued", detail)
	}
	log := run(t, m.url, cli.Done, "audit", "--through", "mcp", "--output", "json")
	for _, want := range []string{`"group.create"`, `"group.cancel"`, `"group.retry"`, `"actor": "ana"`, `"from": "desk"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log lacks %s: %s", want, log)
		}
	}
}

func TestMCP_ManyGroupsNeedAPersonWhoTypesTheirNumber(t *testing.T) {
	t.Parallel()
	three := args{"batch": "cohort", "groups": []args{turma("A"), turma("B"), turma("C")}}
	for _, version := range []string{"", "2025-06-18"} { // the two versions ask the user in different ways
		for name, c := range map[string]struct {
			user person
			code string // "" is accepted
		}{
			"cannot ask":    {nil, "cannotConfirm"},
			"declines":      {func(*mcp.ElicitParams) (*mcp.ElicitResult, error) { return &mcp.ElicitResult{Action: "decline"}, nil }, "notConfirmed"},
			"another count": {types(2), "notConfirmed"},
			"confirms":      {types(3), ""},
		} {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				var asked string
				user := c.user
				if user != nil {
					user = func(q *mcp.ElicitParams) (*mcp.ElicitResult, error) {
						asked = q.Message
						return c.user(q)
					}
				}
				m := newModel(t, testutil.RealRedis(t).URL(), user, version)
				plan := m.must("plan_groups", three)
				create := args{"plan": plan["plan"]}
				if c.code != "" {
					if code, detail := m.refused("create_groups", create); code != c.code || !strings.Contains(detail, "Nothing was done") {
						t.Errorf("create: got %s, %q, want %s and that nothing was done", code, detail, c.code)
					}
					if got := m.groups(); len(got) != 0 {
						t.Errorf("got the groups %v, want none", got)
					}
					run(t, m.url, cli.Done, "create", "--name", "A", "--phone", "+5544999999999")
				} else {
					if got := m.must("create_groups", create); got["created"] != 3.0 {
						t.Errorf("create: got %v, want 3 created", got)
					}
					if !strings.Contains(asked, "Create 3 WhatsApp groups with 3 people in batch \"cohort\"?") {
						t.Errorf("the person was asked %q", asked)
					}
				}
				before := m.groups()
				filter := args{"action": "cancel", "filter": args{"status": []string{"queued"}}}
				if got := m.must("change_groups", args{"action": "cancel", "filter": filter["filter"], "dryRun": true}); got["done"] != float64(len(before["queued"])) {
					t.Errorf("the dry run is %v", got)
				}
				if c.code != "" {
					if code, _ := m.refused("change_groups", filter); code != c.code {
						t.Errorf("change: got %s, want %s", code, c.code)
					}
					if got := m.groups(); !maps.EqualFunc(got, before, slices.Equal) {
						t.Errorf("there are %v, want %v", got, before)
					}
					return
				}
				job := m.must("change_groups", filter)
				if !strings.Contains(asked, "cancel 3 groups?") {
					t.Errorf("the person was asked %q", asked)
				}
				id := args{"id": job["id"]}
				testutil.Until(t, "the job is done", func() bool { return m.must("get_job", id)["status"] == "done" })
				if got := m.groups(); len(got["cancelled"]) != 3 {
					t.Errorf("there are %v, want 3 cancelled", got)
				}
				if _, detail := m.refused("abort_job", id); detail == "" {
					t.Error("a job that has ended can be aborted")
				}
			})
		}
	}
}

func TestMCP_AConfirmationCoversOnlyWhatWasAsked(t *testing.T) {
	t.Parallel()
	url := testutil.RealRedis(t).URL()
	later := 0
	m := newModel(t, url, func(*mcp.ElicitParams) (*mcp.ElicitResult, error) {
		later++ // while the person reads, another group comes in
		run(t, url, cli.Done, "create", "--name", "Later", "--phone", "+5544999999999", "--idempotency-key", strconv.Itoa(later))
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"groups": 2}}, nil
	}, "")
	run(t, url, cli.Done, "create", "--name", "A", "--phone", "+5544999999999")
	if code, detail := m.refused("change_groups", args{"action": "cancel", "filter": args{}}); code != "notConfirmed" || !strings.Contains(detail, "has changed") {
		t.Errorf("got %s, %q, want notConfirmed because the number has changed", code, detail)
	}
	if got := m.groups(); len(got["queued"]) != 2 {
		t.Errorf("there are %v, want two queued", got)
	}
}

func TestMCP_AConfirmationCoversOnlyThePlanThatWasAsked(t *testing.T) {
	t.Parallel()
	var call mcp.CallToolParams
	var other any
	m := newModel(t, testutil.RealRedis(t).URL(), func(*mcp.ElicitParams) (*mcp.ElicitResult, error) {
		call.Arguments = args{"plan": other} // the answer comes with another plan of the same size
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"groups": 2}}, nil
	}, "")
	asked := m.must("plan_groups", args{"batch": "cohort", "groups": []args{turma("A"), turma("B")}})["plan"]
	other = m.must("plan_groups", args{"batch": "cohort", "groups": []args{turma("C"), turma("D")}})["plan"]
	call = mcp.CallToolParams{Name: "create_groups", Arguments: args{"plan": asked}}
	got, err := m.session.CallTool(t.Context(), &call)
	if err != nil {
		t.Fatal(err)
	}
	if groups := m.groups(); !got.IsError || len(groups) != 0 {
		t.Errorf("got %s and the groups %v, want a refusal and no group", mustJSON(t, got), groups)
	}
}

func TestMCP_APlanThatHasGrownNeedsAPerson(t *testing.T) {
	t.Parallel()
	m := newModel(t, testutil.RealRedis(t).URL(), nil, "")
	one := turma("A")
	one["phones"] = []string{"+55 44 99999-9998"}
	m.created(args{"batch": "cohort", "groups": []args{one}})
	plan := m.must("plan_groups", args{"batch": "cohort", "groups": []args{turma("A"), turma("B")}})
	if plan["created"] != 1.0 || plan["invalid"] != 1.0 {
		t.Fatalf("got %v, want one group to create and one that has other people", plan)
	}
	run(t, m.url, cli.Done, "cancel", "--batch", "cohort", "--status", "queued") // now A can be created too
	if code, _ := m.refused("create_groups", args{"plan": plan["plan"]}); code != "cannotConfirm" {
		t.Errorf("got %s, want cannotConfirm", code)
	}
	if got := m.groups(); len(got["queued"]) != 0 {
		t.Errorf("there are %v, want no group that waits", got)
	}
}

func TestMCP_MasksPhonesUnlessShowPhonesIsGiven(t *testing.T) {
	t.Parallel()
	url := testutil.RealRedis(t).URL()
	for _, show := range []bool{false, true} {
		more := []string{"--log-level", "trace"}
		if show {
			more = append(more, "--show-phones")
		}
		m := newModel(t, url, nil, "", more...)
		plan := m.must("plan_groups", args{"groups": []args{turma("A")}})
		made := m.must("create_groups", args{"plan": plan["plan"]})
		id := args{"id": made["group"].(map[string]any)["id"]}
		for name, doc := range map[string]any{
			"plan": plan, "create": made, "get": m.must("get_group", id), "explain": m.must("explain_group", id), "list": m.must("list_groups", args{}), "cancel": m.must("cancel_group", id), "retry": m.must("retry_group", id),
		} {
			text := string(mustJSON(t, doc))
			if strings.Contains(text, "99999") && !show {
				t.Errorf("%s shows a phone: %s", name, text)
			}
			if whole := strings.Contains(text, "+5544999999999"); name == "get" && whole != show {
				t.Errorf("with --show-phones %v, get shows %s", show, text)
			}
		}
		if said := m.program.err.String(); strings.Contains(said, "99999") {
			t.Errorf("the log has a phone: %s", said)
		}
		log := run(t, url, cli.Done, "audit", "--through", "mcp", "--action", "phones.see", "--output", "json")
		if told := strings.Contains(log, `"phones.see"`); told != show {
			t.Errorf("with --show-phones %v, the audit log says %s", show, log)
		}
	}
}

func TestMCP_LetsTheClientReadTheDocuments(t *testing.T) {
	t.Parallel()
	m := newModel(t, redisFor(t), nil, "")
	list, err := m.session.ListResources(t.Context(), nil)
	if err != nil || len(list.Resources) < 25 {
		t.Fatalf("got the resources %v and %v, want at least 25", list, err)
	}
	for _, r := range list.Resources {
		got, err := m.session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: r.URI})
		if err != nil || len(got.Contents) != 1 || int64(len(got.Contents[0].Text)) != r.Size || !strings.HasPrefix(r.URI, "rollcall:///") {
			t.Errorf("%s: got %+v, %v, want one text of %d bytes", r.URI, got, err, r.Size)
		}
	}
}

func TestMCP_EndsWithItsClientAndWithASignal(t *testing.T) {
	t.Parallel()
	m := newModel(t, redisFor(t), nil, "", "--read-only")
	_ = m.session.Close()
	if code := <-m.ended; code != cli.Done || m.program.err.String() != "" {
		t.Errorf("the client left: exit %d, %q", code, m.program.err)
	}
	m = newModel(t, m.url, nil, "", "--read-only")
	m.program.signals <- os.Interrupt
	if code := <-m.ended; code != cli.Done || m.program.err.String() != "" {
		t.Errorf("a signal: exit %d, %q", code, m.program.err)
	}
}
