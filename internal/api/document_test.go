package api_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// breach says where the document breaks a rule, and how.
type breach struct{ at, what string }

// each calls f with every object in v and its place.
func each(v any, at string, f func(at string, object map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(at, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			each(v[name], at+"/"+name, f)
		}
	case []any:
		for i, child := range v {
			each(child, fmt.Sprintf("%s/%d", at, i), f)
		}
	}
}

// schemasOfBodies returns the schemas of all request and response bodies, by place and media type.
func schemasOfBodies(s *spec) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, f := range s.operations() {
		for name, r := range map[string]any{"request": f.op["requestBody"], "responses": f.op["responses"]} {
			each(r, f.op["operationId"].(string)+" "+name, func(at string, object map[string]any) {
				content, _ := object["content"].(map[string]any)
				for media, m := range content {
					all[at+" "+media] = m.(map[string]any)["schema"].(map[string]any)
				}
			})
		}
	}
	return all
}

// rules are what client generators need from the document. Each checks the whole document.
var rules = map[string]func(*spec) []breach{
	"NamesServersAndSecuritySchemes": func(s *spec) (all []breach) {
		servers, _ := s.doc["servers"].([]any)
		if len(servers) == 0 {
			all = append(all, breach{"servers", "the list is empty"})
		}
		schemes, _ := s.doc["components"].(map[string]any)["securitySchemes"].(map[string]any)
		for _, f := range s.operations() {
			needs, _ := f.op["security"].([]any)
			if public := f.op["x-role"] == "public"; public != (len(needs) == 0) {
				all = append(all, breach{f.method + " " + f.path, fmt.Sprintf("role %v, security %v", f.op["x-role"], needs)})
			}
			for _, need := range needs {
				for name := range need.(map[string]any) {
					if schemes[name] == nil {
						all = append(all, breach{f.method + " " + f.path, "no security scheme " + name})
					}
				}
			}
		}
		return all
	},
	"HasOneNamedSchemaPerBody": func(s *spec) (all []breach) {
		for at, schema := range schemasOfBodies(s) {
			if ref, _ := schema["$ref"].(string); !strings.HasPrefix(ref, "#/components/schemas/") || len(schema) > 1 {
				all = append(all, breach{at, fmt.Sprintf("the schema is not a reference to a named one: %v", schema)})
			}
		}
		return all
	},
	"HasNoChoiceOfSchemas": func(s *spec) (all []breach) {
		each(s.doc, "", func(at string, object map[string]any) {
			for _, word := range []string{"oneOf", "anyOf", "allOf", "not"} {
				choices, is := object[word].([]any)
				if _, property := object[word].(map[string]any); !is || property {
					continue
				}
				// Generators understand one choice: a reference or null.
				if word == "anyOf" && len(choices) == 2 && choices[0].(map[string]any)["$ref"] != nil && fmt.Sprint(choices[1]) == "map[type:null]" {
					continue
				}
				all = append(all, breach{at, fmt.Sprintf("%s %v", word, choices)})
			}
		})
		return all
	},
	"HasOneProblemForEveryFailure": func(s *spec) (all []breach) {
		for _, f := range s.operations() {
			at := f.op["operationId"].(string)
			responses := f.op["responses"].(map[string]any)
			content := responses["default"].(map[string]any)["content"]
			if got := fmt.Sprint(content); got != "map[application/problem+json:map[schema:map[$ref:#/components/schemas/Problem]]]" {
				all = append(all, breach{at, "default answers " + got})
			}
			for status := range responses {
				if status != "default" && status[0] != '2' {
					all = append(all, breach{at, "the failure " + status + " has a response of its own"})
				}
			}
			if problems, _ := f.op["x-problems"].([]any); len(problems) == 0 {
				all = append(all, breach{at, "x-problems names no status"})
			}
		}
		return all
	},
	"GivesIntegersTheirSize": func(s *spec) (all []breach) {
		each(s.doc, "", func(at string, object map[string]any) {
			if object["type"] == "integer" && object["format"] != "int64" {
				all = append(all, breach{at, fmt.Sprintf("an integer with the format %v", object["format"])})
			}
		})
		return all
	},
	"ListsTheValuesOfClosedFields": func(s *spec) (all []breach) {
		schemas := s.doc["components"].(map[string]any)["schemas"].(map[string]any)
		for name, schema := range schemas {
			properties, _ := schema.(map[string]any)["properties"].(map[string]any)
			for field, p := range properties {
				property := p.(map[string]any)
				if ref, ok := strings.CutPrefix(fmt.Sprint(property["$ref"]), "#/components/schemas/"); ok {
					property = schemas[ref].(map[string]any)
				}
				if codeFields[field] && property["type"] == "string" && property["enum"] == nil && openSets[name+"."+field] == "" {
					all = append(all, breach{name + "." + field, "has no enum, and openSets gives no reason"})
				}
			}
		}
		return all
	},
	"TakesFilesAsBytes": func(s *spec) (all []breach) {
		schemas := s.doc["components"].(map[string]any)["schemas"].(map[string]any)
		for at, body := range schemasOfBodies(s) {
			media := at[strings.LastIndex(at, " ")+1:]
			schema := schemas[strings.TrimPrefix(fmt.Sprint(body["$ref"]), "#/components/schemas/")].(map[string]any)
			isJSON, isFile := strings.HasSuffix(media, "json") && media != "application/x-ndjson", schema["type"] == "string" && schema["format"] == "binary"
			if media != "text/plain" && isJSON == isFile {
				all = append(all, breach{at, fmt.Sprintf("the body has the type %v and the format %v", schema["type"], schema["format"])})
			}
		}
		return all
	},
	"NamesOperationsAsMethods": func(s *spec) (all []breach) {
		seen := map[string]bool{}
		for _, f := range s.operations() {
			id, _ := f.op["operationId"].(string)
			switch {
			case !methodName.MatchString(id):
				all = append(all, breach{f.method + " " + f.path, fmt.Sprintf("the operationId %q is not a verb and a noun", id)})
			case seen[strings.ToLower(id)]:
				all = append(all, breach{f.method + " " + f.path, "another operation has the operationId " + id})
			}
			seen[strings.ToLower(id)] = true
		}
		return all
	},
}

var methodName = regexp.MustCompile(`^[a-z]{2,}([A-Z][a-z]+)+$`)

// codeFields are the fields whose values programs compare.
var codeFields = map[string]bool{
	"action": true, "cause": true, "code": true, "kind": true, "method": true, "outcome": true, "ownNumber": true, "priority": true,
	"result": true, "role": true, "state": true, "status": true, "step": true, "through": true, "worst": true,
}

// openSets are the fields that may get new values without a new version of the API, and why.
var openSets = map[string]string{
	"AskerDocument.method": "the provider's value",
	"AuditEntry.action":    "each new operation has one",
	"Explanation.status":   "a group's status or an instance's state",
	"Exported.kind":        "each new kind of record has one",
	"Installation.cause":   "each new way to lose data has one",
	"JoinRequest.method":   "the provider's value",
	"Removal.kind":         "each new kind of record has one",
	"Unreadable.kind":      "each new kind of record has one",
	"Unusable.code":        "each new way to misread a number has one",
	"Warning.code":         "each new reader may have one",
}

func TestDocument_SuitsClientGenerators(t *testing.T) {
	t.Parallel()
	s := setup(t).spec
	for name, broken := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, b := range broken(s) {
				t.Errorf("%s: %s", b.at, b.what)
			}
		})
	}
}

func TestDocument_EachRuleFindsABreach(t *testing.T) {
	t.Parallel()
	served := setup(t).do("GET", "/openapi.json", "").body
	for rule, changes := range map[string][][2]string{
		"NamesServersAndSecuritySchemes": {{`"servers"`, `"x-servers"`}, {`"securitySchemes"`, `"x-schemes"`}, {`"security"`, `"x-security"`}},
		"HasOneNamedSchemaPerBody":       {{`"$ref": "#/components/schemas/GroupRequest"`, `"type": "object"`}},
		"HasNoChoiceOfSchemas": {{`{
                "type": "null"
              }`, `{"$ref": "#/components/schemas/Problem"}`}},
		"HasOneProblemForEveryFailure": {{`"202": {`, `"422": {`}, {`"application/problem+json"`, `"application/json"`}, {`"x-problems"`, `"x-other"`}},
		"GivesIntegersTheirSize":       {{`"format": "int64"`, `"format": "int32"`}},
		"ListsTheValuesOfClosedFields": {{`"enum"`, `"x-enum"`}},
		"TakesFilesAsBytes":            {{`"format": "binary"`, `"format": "byte"`}},
		"NamesOperationsAsMethods":     {{`"operationId": "listGroups"`, `"operationId": "List_groups"`}, {`"operationId": "listGroups"`, `"operationId": "getGroup"`}},
	} {
		for _, change := range changes {
			t.Run(rule+" "+change[0], func(t *testing.T) {
				t.Parallel()
				if !strings.Contains(string(served), change[0]) {
					t.Fatalf("the document has no %s to change", change[0])
				}
				changed := readSpec(t, []byte(strings.ReplaceAll(string(served), change[0], change[1])))
				if len(rules[rule](changed)) == 0 {
					t.Errorf("the rule finds nothing after %s becomes %s", change[0], change[1])
				}
			})
		}
	}
}

func TestDocument_IsTheSameForEveryConfiguration(t *testing.T) {
	t.Parallel()
	a, b := setup(t).do("GET", "/openapi.json", ""), setup(t, keyed).do("GET", "/openapi.json", "")
	if string(a.body) != string(b.body) {
		t.Error("a server with keys serves another document than a server without keys")
	}
}

// testdata/operations.txt lists the operations from which clients are generated.
func TestDocument_OperationIDsAreStable(t *testing.T) {
	t.Parallel()
	known, err := os.ReadFile("testdata/operations.txt")
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, f := range setup(t).spec.operations() {
		served[fmt.Sprintf("%s %s %s", f.op["operationId"], strings.ToUpper(f.method), f.path)] = true
	}
	for line := range strings.Lines(string(known)) {
		if line = strings.TrimSpace(line); !served[line] {
			t.Errorf("the document lacks %s: clients generated from an older one break", line)
		}
		delete(served, line)
	}
	for line := range served {
		t.Errorf("testdata/operations.txt lacks %s: add the line", line)
	}
}
