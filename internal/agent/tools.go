package agent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// tool is an MCP tool that a client may call.
type tool struct {
	name, title, about string
	input              func(schemas) object
	changes            bool // a call changes something
	destroys           bool // the change cannot be undone
	idempotent         bool // a repeated call changes nothing more
	do                 doing
}

// listed is the default limit of list_groups. It is low, because a model pays for each group that it reads.
const listed = 20

var tools = []tool{
	{
		name: "status", title: "Status of the installation",
		about: "Counts of groups and people by state, running batches, workers, the estimated end, and the instances (WhatsApp numbers) that need attention.",
		input: func(schemas) object {
			return fields(object{"instances": object{"type": "string", "enum": []string{"attention", "all"}, "default": "attention", "description": "Which instances to show: those that need attention, or all."}})
		},
		do: status,
	},
	{
		name: "list_groups", title: "List groups",
		about: "Groups, newest first, without their members. All filters that are given must match.",
		input: func(s schemas) object {
			return with(s.of("GroupSearch"), object{"limit": object{"type": "integer", "minimum": 1, "maximum": 500, "default": listed, "description": "The maximum of groups to list."}})
		},
		do: listGroups,
	},
	ofGroup("get_group", "Show a group", "One group with its members, attempts and error.", http.MethodGet, "", false),
	ofGroup("explain_group", "Explain a group", "Why a group waits or failed, until when, and what can be done about it.", http.MethodGet, "/explain", false),
	{
		name: "get_batch", title: "Show a batch", about: "One batch with its counts and estimated end.",
		input: func(schemas) object { return fields(object{"batch": text("The batch's id or name.")}, "batch") },
		do: func(ctx context.Context, s *Server, c *call) (object, error) {
			var in struct{ Batch string }
			if err := c.into(&in); err != nil {
				return nil, err
			}
			return s.shown(ctx, "/v1/batches/"+url.PathEscape(in.Batch))
		},
	},
	{
		name: "plan_groups", title: "Plan groups",
		about: "Shows what creating these groups would do: who would be asked, what is wrong, what exists already, which instances would create the groups, and the estimated completion. Writes nothing. Returns the plan's id for create_groups.",
		input: planInput, do: planGroups,
	},
	{
		name: "create_groups", title: "Create planned groups",
		about:   "Requests the groups of a plan, exactly as planned. A single group is accepted at once; for several groups the client asks a person to confirm. Sending the same plan again changes nothing.",
		input:   func(schemas) object { return fields(object{"plan": text("The id that plan_groups returned.")}, "plan") },
		changes: true, destroys: true, idempotent: true, do: createGroups,
	},
	ofGroup("cancel_group", "Cancel a group", "Cancels one group that waits for its create. A group that exists cannot be cancelled.", http.MethodPost, "/cancel", true),
	ofGroup("retry_group", "Retry a group", "Puts one group that failed or was cancelled back into the queue.", http.MethodPost, "/retry", false),
	{
		name: "change_groups", title: "Change many groups",
		about:   "Retries, cancels or moves all groups that match a filter. Begin with dryRun, which counts them. Without dryRun the client asks a person to confirm the number. Returns a job; get_job shows its progress.",
		input:   func(s schemas) object { return with(s.of("BulkRequest"), object{"all": nil}) },
		changes: true, destroys: true, do: changeGroups,
	},
	ofJob("get_job", "Show a job", "The progress of a change of many groups.", http.MethodGet, ""),
	ofJob("abort_job", "Abort a job", "Ends a change of many groups. What was done stays done.", http.MethodPost, "/abort"),
}

// ofGroup returns a tool that takes a group's id.
func ofGroup(name, title, about, method, path string, destroys bool) tool {
	return ofID(tool{name: name, title: title, about: about, destroys: destroys}, "The group's id, as grp_….", method, "/v1/groups/", path)
}

// ofJob returns a tool that takes a job's id.
func ofJob(name, title, about, method, path string) tool {
	return ofID(tool{name: name, title: title, about: about}, "The job's id, as job_….", method, "/v1/bulk/", path)
}

func ofID(t tool, id, method, before, after string) tool {
	t.changes = method != http.MethodGet
	t.input = func(schemas) object { return fields(object{"id": text(id)}, "id") }
	t.do = func(ctx context.Context, s *Server, c *call) (object, error) {
		var in struct{ ID string }
		if err := c.into(&in); err != nil {
			return nil, err
		}
		path := before + url.PathEscape(in.ID) + after
		if t.changes {
			doc, _, err := s.change.ask(ctx, method, path, nil)
			return doc, err
		}
		return s.shown(ctx, path)
	}
	return t
}

func (s *Server) shown(ctx context.Context, path string) (object, error) {
	doc, _, err := s.read.ask(ctx, http.MethodGet, path, nil)
	return doc, err
}

func status(ctx context.Context, s *Server, c *call) (object, error) {
	in := struct{ Instances string }{"attention"}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	doc, err := s.shown(ctx, "/v1/status")
	if err != nil {
		return nil, err
	}
	all, _ := doc["instances"].([]any)
	counts, attention := map[string]int{}, []any{}
	for _, one := range all {
		instance, _ := one.(object)
		worst := fmt.Sprint(instance["worst"]) // the state, unless a part of it is worse
		if counts[worst]++; worst != "ready" || instance["unknownTo"] != nil {
			attention = append(attention, one)
		}
	}
	if doc["instancesByState"] = counts; in.Instances != "all" {
		doc["instances"] = attention
	}
	return doc, nil
}

func listGroups(ctx context.Context, s *Server, c *call) (object, error) {
	in := object{}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	if in["limit"] == nil {
		in["limit"] = listed
	}
	doc, _, err := s.read.ask(ctx, http.MethodPost, "/v1/groups/search", in)
	if err != nil {
		return nil, err
	}
	items, _ := doc["items"].([]any)
	for _, item := range items {
		if group, ok := item.(object); ok {
			delete(group, "members")
			delete(group, "attempts")
		}
	}
	return doc, nil
}

// plan holds the groups that a model may request.
type plan struct {
	Groups []object `json:"groups"`
	Batch  string   `json:"batch,omitempty"`
	Region string   `json:"region,omitempty"`
	Strict bool     `json:"strict,omitempty"`

	people, creates int
}

// maxPlanned limits the groups of one plan. The command line and the page take files with more.
const maxPlanned = 1000

func planInput(s schemas) object {
	return fields(object{
		"groups": object{"type": "array", "minItems": 1, "maxItems": maxPlanned, "items": s.of("GroupRequest"), "description": "The groups, each with its people."},
		"batch":  text("The name of the series that the groups belong to. Required for several groups: planning the same groups again under the same name creates no second ones."),
		"region": text("The country of phones without a country code, two letters as BR. Do not guess it."),
		"strict": object{"type": "boolean", "description": "Refuse a group with any bad phone, instead of taking the good ones."},
	}, "groups")
}

// query returns the query string that tells the API how to read the plan's groups.
func (p plan) query(dryRun bool) string {
	q := url.Values{}
	if dryRun {
		q.Set("dryRun", "true")
	}
	if p.Batch != "" {
		q.Set("name", p.Batch)
	}
	if p.Region != "" {
		q.Set("region", p.Region)
	}
	if p.Strict {
		q.Set("strict", "true")
	}
	return "?" + q.Encode()
}

// hash returns a name for v; equal contents have equal names. A name has no digits, which could look like a phone number.
func hash(v any) (string, error) {
	data, err := json.Marshal(v) // keys of objects are sorted
	sum := sha256.Sum256(data)
	name := []byte(hex.EncodeToString(sum[:16]))
	for i, c := range name {
		if c <= '9' {
			name[i] = 'g' + c - '0'
		}
	}
	return string(name), err
}

// blank reports whether a value is a text that is empty or only white space.
func blank(v any) bool {
	text, ok := v.(string)
	return ok && strings.TrimSpace(text) == ""
}

func planGroups(ctx context.Context, s *Server, c *call) (object, error) {
	var p plan
	if err := c.into(&p); err != nil {
		return nil, err
	}
	switch {
	case len(p.Groups) == 0:
		return nil, refuse("noGroups", "Nothing to plan", "groups is empty. Give at least one group with groupName and phones.")
	case len(p.Groups) > maxPlanned:
		return nil, refuse("tooManyGroups", "Too many groups", "%d groups are given, %d are allowed. Let a person send a file: rollcall-producer create FILE, or the page.", len(p.Groups), maxPlanned)
	case len(p.Groups) > 1 && p.Batch == "":
		return nil, refuse("noBatch", "No batch", "Several groups need batch, the name of their series. Ask the person for one, or name it after their source.")
	}
	if own := p.Groups[0]["idempotencyKey"]; p.Batch == "" && (own == nil || blank(own)) {
		delete(p.Groups[0], "idempotencyKey")
		key, err := hash(p.Groups[0])
		if err != nil {
			return nil, fmt.Errorf("name the group: %w", err)
		}
		p.Groups[0]["idempotencyKey"] = "mcp-" + key
	}
	doc, err := s.foresee(ctx, &p)
	if err != nil {
		return nil, err
	}
	doc["groups"] = len(p.Groups)
	doc["needsConfirmation"] = p.creates > 1
	if p.creates+number(doc["existed"]) == 0 {
		return doc, nil // nothing to create: the document's rows say why
	}
	id, err := hash(p)
	if err != nil {
		return nil, fmt.Errorf("name the plan: %w", err)
	}
	id = "plan_" + id
	s.plans.put(id, p)
	doc["plan"] = id
	return doc, nil
}

// foresee returns the API's dry run of a plan, and sets the plan's creates and people from it.
func (s *Server) foresee(ctx context.Context, p *plan) (object, error) {
	doc, _, err := s.change.ask(ctx, http.MethodPost, "/v1/batches"+p.query(true), object{"groups": p.Groups})
	people, _ := doc["people"].(object)
	p.creates, p.people = number(doc["created"]), number(people["total"])
	return doc, err
}

func createGroups(ctx context.Context, s *Server, c *call) (object, error) {
	var in struct{ Plan string }
	if err := c.into(&in); err != nil {
		return nil, err
	}
	p, ok := s.plans.get(in.Plan)
	if !ok {
		return nil, refuse("unknownPlan", "No such plan", "There is no plan with this id: a connection keeps only its latest %d plans. Nothing was created. Call plan_groups, show the plan, and use its id.", maxKept)
	}
	if len(p.Groups) > 1 { // it may now create more groups than when it was planned
		if _, err := s.foresee(ctx, &p); err != nil {
			return nil, err
		}
	}
	if p.creates > 1 {
		if err := s.confirmed(c, p.creates, "Create %d WhatsApp groups with %d people in batch %q? rollcall cannot remove a group from WhatsApp.", p.creates, p.people, p.Batch); err != nil {
			return nil, err
		}
	}
	if p.Batch != "" {
		doc, _, err := s.change.ask(ctx, http.MethodPost, "/v1/batches"+p.query(false), object{"groups": p.Groups})
		return doc, err
	}
	doc, header, err := s.change.ask(ctx, http.MethodPost, "/v1/groups"+p.query(false), p.Groups[0])
	if err != nil {
		return nil, err
	}
	return object{"outcome": header.Get("Rollcall-Outcome"), "group": doc}, nil
}

func changeGroups(ctx context.Context, s *Server, c *call) (object, error) {
	var in struct {
		Action string `json:"action"`
		Filter object `json:"filter"`
		To     object `json:"to,omitempty"`
		DryRun bool   `json:"dryRun"`
		All    bool   `json:"all"`
	}
	if err := c.into(&in); err != nil {
		return nil, err
	}
	only := in.DryRun
	in.DryRun, in.All = true, true // a person confirms the groups that the filter matches, even if it matches all
	doc, _, err := s.change.ask(ctx, http.MethodPost, "/v1/bulk", in)
	if err != nil || only || number(doc["done"]) == 0 {
		return doc, err
	}
	filter, err := json.Marshal(in.Filter)
	if err != nil {
		return nil, fmt.Errorf("write the filter: %w", err)
	}
	groups := number(doc["done"])
	to := ""
	for kind, name := range in.To {
		to += fmt.Sprintf(" to %s %v", kind, name)
	}
	if err := s.confirmed(c, groups, "%s %d groups%s? These are all groups that match %s.", in.Action, groups, to, filter); err != nil {
		return nil, err
	}
	in.DryRun = false
	doc, _, err = s.change.ask(ctx, http.MethodPost, "/v1/bulk", in)
	return doc, err
}

// decode reads the arguments of a tool.
func decode(data json.RawMessage, into any) error {
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return refuse("badArguments", "Bad arguments", "The arguments do not fit the tool (%s). Look at its input schema.", err)
	}
	return nil
}
