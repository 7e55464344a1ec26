package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/template"
)

// values returns a value of each kind, by the name of a field.
func values(field string, arguments ...string) any {
	switch field {
	case "Link":
		return "https://example.test/a&b"
	case "GroupName":
		return "Turma 12"
	case "Organisation":
		return ""
	case "One":
		return 1
	case "Zero":
		return 0
	case "Yes":
		return true
	case "No":
		return false
	case "Joined":
		return strings.Join(arguments, "+")
	}
	return nil
}

func TestFill_WritesWhatGosTemplatesWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "",
		"as it is } {":        "as it is } {",
		"{{.Link}}":           "https://example.test/a&b",
		"{{.One}} {{.Yes}}":   "1 true",
		"a {{- /* x */ -}} b": "ab",
		"a {{- .One }} b":     "a1 b",
		"{{if .Link}}a{{else}}b{{end}}{{if .Organisation}}a{{else}}b{{end}}":                "ab",
		"{{if .Zero}}a{{else if .No}}b{{else if .One}}c{{else}}d{{end}}":                    "c",
		"{{if .Zero}}a{{end}}{{if .Yes}}{{if .One}}b{{end}}{{end}}":                         "b",
		"{{or .Organisation \"It\"}} {{or .GroupName `It`}}":                                "It Turma 12",
		"{{and .One .GroupName}} {{and .Zero .GroupName}}":                                  "Turma 12 0",
		"{{not .Zero}} {{eq .One 1}} {{eq .One 2}} {{ne .One 2}}":                           "true true false true",
		"{{if eq .GroupName `Turma 12`}}a{{end}}{{if ne .GroupName .Organisation}}b{{end}}": "ab",
		"{{if or .Zero (not (and .One .No))}}a{{end}}":                                      "a",
		"{{.Joined `a` .GroupName 3}}":                                                      "a+Turma 12+3",
	} {
		parsed, err := template.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := parsed.Fill(values); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestParse_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{{.Link":                              "line 1: not a template",
		"a\n{{if .Link}}b":                     "line 2: not a template",
		"{{range .Link}}x{{end}}":              "line 1: {{range}} is not possible here",
		"\n\n{{with .Link}}{{.}}{{end}}":       "line 3: {{with}} is not possible here",
		"{{template `x`}}":                     "line 1: {{template}} is not possible here",
		"{{define `x`}}a{{end}}":               "line 1: {{define}} is not possible here",
		"{{block `x` .}}a{{end}}":              "line 1: {{define}} is not possible here",
		"{{.}}":                                "line 1: {{…}} is not possible here",
		"{{$}}":                                "line 1: {{…}} is not possible here",
		"{{$x := .Link}}":                      "line 1: {{…}} is not possible here",
		"{{.Link | html}}":                     "line 1: {{…}} is not possible here",
		"{{printf `secret`}}":                  "line 1: {{printf}} is not possible here",
		"{{eq .Link}}":                         "line 1: {{eq}} is not possible here",
		"{{eq}}":                               "line 1: {{eq}} is not possible here",
		"{{if .Link}}{{else}}{{len .}}{{end}}": "line 1: {{…}} is not possible here",
		"{{true}}":                             "line 1: {{…}} is not possible here",
		"{{1.5}}":                              "line 1: {{…}} is not possible here",
		"a\n{{.Link.Host}}":                    "line 2: there is no {{.Link.Host}}",
	} {
		if _, err := template.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestFill_FailsWithoutAValue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{{.Phone}}", "{{if .Phone}}{{end}}", "{{eq 1 .Phone}}", "{{.Joined .Phone}}"} {
		parsed, err := template.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := parsed.Fill(values); err == nil || !strings.Contains(err.Error(), ".Phone") {
			t.Errorf("%q: got %q, %v, want an error that names .Phone", text, got, err)
		}
	}
}

func TestMessage_HasFieldsAndChoicesOnly(t *testing.T) {
	t.Parallel()
	const text = "Olá!\n{{if .Organisation}}{{.Organisation}}{{else if .GroupName}}{{.GroupName}}{{else}}x{{end}}: {{- .Link }}{{/* x */}}"
	parsed, err := template.Message(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parsed.Fill(values); err != nil || got != "Olá!\nTurma 12:https://example.test/a&b" {
		t.Errorf("got %q, %v, want the message with its fields", got, err)
	}
	for text, want := range map[string]template.Error{
		"{{.Phone}}":                     {Line: 1, Part: "{{.Phone}}", Field: true},
		"\n{{if .Phone}}x{{end}}":        {Line: 2, Part: "{{.Phone}}", Field: true},
		"{{if .Link}}{{.Phone}}{{end}}":  {Line: 1, Part: "{{.Phone}}", Field: true},
		"{{or .Link .GroupName}}":        {Line: 1, Part: "{{or}}"},
		"{{.Link 1}}":                    {Line: 1, Part: "{{…}}"},
		"{{`x`}}":                        {Line: 1, Part: "{{…}}"},
		"{{1}}":                          {Line: 1, Part: "{{…}}"},
		"{{(.Link)}}":                    {Line: 1, Part: "{{…}}"},
		"{{range 1000000000}}x{{end}}":   {Line: 1, Part: "{{range}}"},
		"{{printf \"%1000000000d\" 1}}":  {Line: 1, Part: "{{printf}}"},
		"{{if .Link}}":                   {Line: 1},
		"{{define `x`}}{{end}}{{.Link}}": {Line: 1, Part: "{{define}}"},
	} {
		_, err := template.Message(text)
		if e, ok := errors.AsType[*template.Error](err); !ok || *e != want {
			t.Errorf("%q: got %v, want %v", text, err, &want)
		}
	}
}
