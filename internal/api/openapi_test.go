package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// spec checks every answer, and every request that succeeds, against the served OpenAPI document. It is stricter
// than the document in one thing: no body may have a key that the document does not name.
type spec struct {
	doc      map[string]any
	compiler *jsonschema.Compiler

	mu   sync.Mutex
	seen map[string]bool // operations that have succeeded
}

func readSpec(t *testing.T, data []byte) *spec {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc)
	s := &spec{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), seen: map[string]bool{}}
	s.compiler.AssertFormat()
	if err := s.compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return s
}

// closeObjects forbids undescribed keys in every object that describes some of its keys.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["properties"] != nil && v["additionalProperties"] == true {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

// found is an operation of the document.
type found struct {
	path, method string
	op           map[string]any
	inPath       map[string]string
}

// operations returns all operations, sorted by path and method.
func (s *spec) operations() []found {
	var all []found
	for path, item := range s.doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			all = append(all, found{path: path, method: method, op: op.(map[string]any)})
		}
	}
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

var placeholder = regexp.MustCompile(`\{([^}]+)\}`)

// find returns the operation of a request.
func (s *spec) find(r *http.Request) (found, bool) {
	for _, f := range s.operations() {
		names := placeholder.FindAllStringSubmatch(f.path, -1)
		pattern := "^" + placeholder.ReplaceAllString(strings.ReplaceAll(f.path, ".", `\.`), `([^/]+)`) + "$"
		match := regexp.MustCompile(pattern).FindStringSubmatch(r.URL.EscapedPath())
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if match == nil || !strings.EqualFold(f.method, method) {
			continue
		}
		f.inPath = map[string]string{}
		for i, name := range names {
			f.inPath[name[1]], _ = url.PathUnescape(match[i+1])
		}
		return f, true
	}
	return found{}, false
}

// pointer returns a JSON pointer into the document.
func pointer(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~", "~0"), "/", "~1")
	}
	return "openapi.json#/" + strings.Join(parts, "/")
}

func (s *spec) validate(value any, at ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	schema, err := s.compiler.Compile(pointer(at...))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// check checks a request and its answer.
func (s *spec) check(r *http.Request, sent []byte, a answer) error {
	f, ok := s.find(r)
	if !ok {
		if a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
			return nil
		}
		return s.page(r, a)
	}
	if a.status < 300 {
		s.mu.Lock()
		s.seen[f.method+" "+f.path] = true
		s.mu.Unlock()
		if err := s.request(f, r, sent); err != nil {
			return fmt.Errorf("the request succeeds but does not match the document: %w", err)
		}
	}
	return s.answer(f, a)
}

// page accepts a request for a page: pages are for people, and the document does not have them.
func (s *spec) page(r *http.Request, a answer) error {
	served := a.status == http.StatusOK || a.status == http.StatusNotModified
	if served && slices.Contains([]string{"/", "/docs", "/docs/style.css", "/openapi.json", "/llms.txt"}, r.URL.Path) || served && path.Ext(r.URL.Path) == ".md" {
		return nil
	}
	return fmt.Errorf("%s %s is not in the document", r.Method, r.URL.Path)
}

func (s *spec) request(f found, r *http.Request, sent []byte) error {
	given := map[string][]string{}
	for name, values := range r.URL.Query() {
		given["query "+name] = values
	}
	for name, value := range f.inPath {
		given["path "+name] = []string{value}
	}
	parameters, _ := f.op["parameters"].([]any)
	for i, p := range parameters {
		p := p.(map[string]any)
		in, name := p["in"].(string), p["name"].(string)
		values := given[in+" "+name]
		if in == "header" {
			values = r.Header.Values(name)
		}
		delete(given, in+" "+name)
		if len(values) == 0 || values[0] == "" {
			if p["required"] == true {
				return fmt.Errorf("%s %s is required", in, name)
			}
			continue
		}
		schema := p["schema"].(map[string]any)
		if err := s.validate(typed(schema["type"], values), "paths", f.path, f.method, "parameters", strconv.Itoa(i), "schema"); err != nil {
			return fmt.Errorf("%s %s: %w", in, name, err)
		}
	}
	for name := range given {
		return fmt.Errorf("%s is not described", name)
	}
	return s.content(asDescribed(sent), r.Header.Get("Content-Type"), f.op["requestBody"], "paths", f.path, f.method, "requestBody")
}

// asDescribed rewrites a JSON body in the one form that the document describes. The server also accepts
// integers for phones, keys and references, and a bare list of groups.
func asDescribed(sent []byte) []byte {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(sent))
	if err != nil {
		return sent
	}
	if list, ok := value.([]any); ok {
		value = map[string]any{"groups": list}
	}
	asTexts(value)
	out, err := json.Marshal(value)
	if err != nil {
		return sent
	}
	return out
}

func asTexts(v any) {
	object, _ := v.(map[string]any)
	for name, value := range object {
		switch name {
		case "phone", "idempotencyKey", "externalRef":
			object[name] = asText(value)
		case "phones", "addPhones", "removePhones", "admins":
			list, ok := value.([]any)
			if !ok {
				object[name] = []any{value}
			}
			for i := range list {
				list[i] = asText(list[i])
			}
		case "groups":
			list, _ := value.([]any)
			for _, one := range list {
				asTexts(one)
			}
		}
	}
}

func asText(v any) any {
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	return v
}

// typed parses a parameter as the type of its schema.
func typed(kind any, values []string) any {
	switch kind {
	case "array":
		var all []any
		for _, v := range values {
			for word := range strings.SplitSeq(v, ",") {
				all = append(all, word)
			}
		}
		return all
	case "integer":
		if n, err := strconv.Atoi(values[0]); err == nil {
			return n
		}
	case "boolean":
		if b, err := strconv.ParseBool(values[0]); err == nil {
			return b
		}
	}
	return values[0]
}

func (s *spec) answer(f found, a answer) error {
	status := strconv.Itoa(a.status)
	if a.header.Get("X-Request-Id") == "" {
		return fmt.Errorf("the header X-Request-Id is missing")
	}
	if a.status >= 400 {
		if problems := f.op["x-problems"].([]any); !slices.ContainsFunc(problems, func(v any) bool { return fmt.Sprint(v) == status }) {
			return fmt.Errorf("x-problems %[2]v lacks the status %[1]s", status, problems)
		}
		status = "default"
	}
	described, ok := f.op["responses"].(map[string]any)[status].(map[string]any)
	if !ok {
		return fmt.Errorf("the status %s is not described", status)
	}
	headers, _ := described["headers"].(map[string]any)
	for name, h := range headers {
		if h.(map[string]any)["required"] == true && a.header.Get(name) == "" {
			return fmt.Errorf("the header %s is missing", name)
		}
	}
	return s.content(a.body, a.header.Get("Content-Type"), described, "paths", f.path, f.method, "responses", status)
}

// content validates a body against the schema of its media type.
func (s *spec) content(body []byte, contentType string, described any, at ...string) error {
	object, _ := described.(map[string]any)
	content, _ := object["content"].(map[string]any)
	if len(body) == 0 {
		if object["required"] == true {
			return fmt.Errorf("the body is required")
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || content[media] == nil {
		return fmt.Errorf("a body of type %q is not described", contentType)
	}
	var value any = string(body)
	if strings.HasSuffix(media, "json") && !strings.Contains(media, "ndjson") {
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil {
			return err
		}
	}
	return s.validate(value, append(at, "content", media, "schema")...)
}
