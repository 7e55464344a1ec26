package api

import (
	"crypto/sha256"
	_ "embed" // the style sheet
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/docs"
	"github.com/rollcallhq/rollcall/internal/auth"
	h "github.com/rollcallhq/rollcall/internal/markup"
)

//go:embed pages/style.css
var style []byte

// csp allows a page its own style sheet and nothing else. No page has a script.
const csp = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// addPages serves the OpenAPI document and the pages made from it. Each is rendered once, for the first request:
// it does not change while the server runs.
func (a *API) addPages() {
	doc := sync.OnceValue(func() *huma.OpenAPI { return published(a.huma.OpenAPI()) })
	a.page("/openapi.json", "application/json", func() []byte {
		document, err := json.MarshalIndent(doc(), "", "  ")
		if err != nil {
			panic(err) // made of our own types: it always marshals
		}
		return document
	})
	a.page("/docs/style.css", "text/css; charset=utf-8", func() []byte { return style })
	a.page("/docs", "text/html; charset=utf-8", func() []byte { return a.reference(doc()) })
	a.page("/llms.txt", "text/plain; charset=utf-8", func() []byte { return []byte(docs.LLMs) })
	for name, text := range docs.All() {
		a.page("/docs/"+name, "text/markdown; charset=utf-8", func() []byte { return text })
	}
}

// reference renders the OpenAPI document for people.
func (a *API) reference(doc *huma.OpenAPI) []byte {
	text, err := h.Page(reference{doc, byTag(doc), a.Auth.Keyed()}.page())
	if err != nil {
		panic(err) // its nodes do not fail
	}
	return Rebase(text, a.BasePath)
}

// page serves one unchanging text to everybody.
func (a *API) page(path, contentType string, render func() []byte) {
	rendered := sync.OnceValues(func() (text []byte, tag string) {
		text = render()
		sum := sha256.Sum256(text)
		return text, `"` + hex.EncodeToString(sum[:8]) + `"`
	})
	pattern := "GET " + path
	a.routes[pattern] = route{role: auth.Public}
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		text, tag := rendered()
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Content-Security-Policy", csp)
		header.Set("ETag", tag)
		header.Set("Cache-Control", "no-cache")
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		header.Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write(text) // the client may have left
	})
}

// tagged are the operations of one tag, in the order they were added.
type tagged struct {
	*huma.Tag

	Operations []*huma.Operation
}

func byTag(doc *huma.OpenAPI) []tagged {
	all := make([]tagged, len(doc.Tags))
	for i, t := range doc.Tags {
		all[i].Tag = t
		for _, item := range doc.Paths {
			for _, op := range operationsAt(item) {
				if slices.Contains(op.Tags, t.Name) {
					all[i].Operations = append(all[i].Operations, op)
				}
			}
		}
		slices.SortFunc(all[i].Operations, func(a, b *huma.Operation) int {
			if d := strings.Compare(a.Path, b.Path); d != 0 {
				return d
			}
			return -strings.Compare(a.Method, b.Method) // POST before GET: creating comes first
		})
	}
	return all
}

// named is a schema with its name.
type named struct {
	Name string
	*huma.Schema
}

func byName(doc *huma.OpenAPI) []named {
	var all []named
	for name, s := range doc.Components.Schemas.Map() {
		all = append(all, named{name, s})
	}
	slices.SortFunc(all, func(a, b named) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// fieldsOf returns the fields of an object, the required ones first.
func fieldsOf(s *huma.Schema) []field {
	var all []field
	for name, p := range s.Properties {
		all = append(all, field{Name: name, Type: schemaText(p), Doc: p.Description, Needed: slices.Contains(s.Required, name)})
	}
	slices.SortFunc(all, func(a, b field) int {
		if a.Needed != b.Needed {
			if a.Needed {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

type field struct {
	Name, Doc string
	Type      h.Node
	Needed    bool
}

// response is an answer with its status.
type response struct {
	Status string
	*huma.Response
}

func sortedResponses(all map[string]*huma.Response) []response {
	list := make([]response, 0, len(all))
	for status, r := range all {
		list = append(list, response{status, r})
	}
	slices.SortFunc(list, func(a, b response) int { return strings.Compare(a.Status, b.Status) })
	return list
}

func anchor(op *huma.Operation) string { return "op-" + op.OperationID }

func reason(status string) string {
	n, _ := strconv.Atoi(status) // they are statuses
	return http.StatusText(n)
}

// curl returns an example that works once the ids are filled in.
func curl(op *huma.Operation, keyed bool) string {
	var b strings.Builder
	b.WriteString("curl")
	if op.Method != http.MethodGet {
		b.WriteString(" -X " + op.Method)
	}
	if keyed && op.Security != nil {
		b.WriteString(` -H "Authorization: Bearer $ROLLCALL_KEY"`)
	}
	address := op.Path
	switch op.OperationID {
	case "createBatch":
		return b.String() + ` -H "Content-Type: text/csv" --data-binary @cohort.csv "http://127.0.0.1:8080/v1/batches?name=cohort.csv"`
	case "addSuppressions":
		b.WriteString(` --json '{"phones": ["+5544999999999"], "reason": "asked us to stop"}'`)
	case "removeSuppression":
		address += "?phone=%2B5544999999999"
	case "removeSuppressions":
		b.WriteString(` --json '{"phones": ["+5544999999999"]}'`)
	case "showEvidence":
		b.WriteString(` --json '{"phone": "+5544999999999"}'`)
	case "searchGroups":
		b.WriteString(` --json '{"phone": "+5544999999999", "status": ["failed"]}'`)
	case "streamEvents":
		b.WriteString(" -N")
	}
	if op.RequestBody != nil {
		for _, e := range op.RequestBody.Content["application/json"].Examples {
			data, err := json.Marshal(e.Value)
			if err == nil {
				fmt.Fprintf(&b, " --json '%s'", data)
			}
		}
	}
	return b.String() + ` "http://127.0.0.1:8080` + address + `"`
}
