package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	h "github.com/rollcallhq/rollcall/internal/markup"
)

// reference shows the OpenAPI document to people.
type reference struct {
	doc    *huma.OpenAPI
	groups []tagged
	keyed  bool
}

func (r reference) page() h.Node {
	return h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.TitleEl(h.Text("rollcall API")),
			h.Link(h.Rel("stylesheet"), h.Href("/docs/style.css")),
		),
		h.Body(
			h.A(h.Class("skip"), h.Href("#main"), h.Text("Skip to the operations")),
			h.Div(h.Class("frame"),
				h.Nav(h.Aria("label", "Operations"),
					h.P(h.Class("brand"), h.A(h.Href("/"), h.Text("rollcall")), h.Text(" API")),
					h.Map(r.groups, func(t tagged) h.Node {
						return h.Group{h.H2(h.Text(t.Name)), h.Ul(h.Map(t.Operations, func(op *huma.Operation) h.Node {
							return h.Li(h.A(h.Href("#"+anchor(op)), verb(op), h.Text(" "+op.Path)))
						}))}
					}),
					h.H2(h.Text("documents")),
					h.Ul(
						h.Map(byName(r.doc), func(s named) h.Node { return h.Li(toSchema(s.Name)) }),
						h.Li(h.A(h.Href("#problems"), h.Text("Problems")))),
				),
				h.Main(h.ID("main"),
					h.H1(h.Text("rollcall API")),
					paragraphs(r.doc.Info.Description),
					r.readers(),
					h.Map(r.groups, r.group),
					r.documents(),
					problems(),
				),
			),
		),
	)
}

// readers links what programs and language models read, and says what a request needs.
func (r reference) readers() h.Node {
	return h.P(
		h.Text("For programs: "), h.A(h.Href("/openapi.json"), h.Text("openapi.json")), h.Text(" (OpenAPI "+r.doc.OpenAPI+"). "+
			"For reading, by people and by language models: "), h.A(h.Href("/docs/README.md"), h.Text("all documents")), h.Text(" as Markdown, listed in "),
		h.A(h.Href("/llms.txt"), h.Text("llms.txt")), h.Text(". "),
		h.If(r.keyed, h.Group{
			h.Text("Every operation but those marked public needs a key: "), h.Code(h.Text("Authorization: Bearer rck_…")),
			h.Text(". A role includes the ones before it: viewer, operator, admin."),
		}),
		h.If(!r.keyed, h.Text("This server has no keys configured: it answers only callers on this machine.")))
}

// group returns the section of one tag, with its operations.
func (r reference) group(t tagged) h.Node {
	id := "tag-" + t.Name
	return h.Section(h.Aria("labelledby", id), h.H2(h.ID(id), h.Text(t.Name)), h.P(h.Text(t.Description)), h.Map(t.Operations, r.operation))
}

func (r reference) operation(op *huma.Operation) h.Node {
	return h.Article(h.ID(anchor(op)),
		h.H3(verb(op), h.Text(" "), h.Code(h.Text(op.Path))),
		h.P(h.Strong(h.Text(op.Summary)), h.Text(" "), h.Span(h.Class("role"), h.Textf("%v", op.Extensions["x-role"]))),
		paragraphs(op.Description),
		parameters(op),
		body(op.RequestBody),
		h.Pre(h.TabIndex("0"), h.Code(h.Text(curl(op, r.keyed)))),
		h.Details(h.Summary(h.Text("Answers")), h.Ul(h.Map(sortedResponses(op.Responses), func(a response) h.Node {
			return h.Li(h.Code(h.Text(a.Status)), h.Text(" "+reason(a.Status)+": "+a.Description), h.Map(slices.Sorted(maps.Keys(a.Content)), func(media string) h.Node {
				return h.Group{h.Text(" "), h.Span(h.Class("media"), h.Code(h.Text(media)), h.Text(" "), schemaText(a.Content[media].Schema))}
			}))
		}))))
}

func parameters(op *huma.Operation) h.Node {
	if len(op.Parameters) == 0 {
		return nil
	}
	return table("Parameters of "+op.Summary, []string{"parameter", "in", "type", "meaning"}, h.Map(op.Parameters, func(p *huma.Param) h.Node {
		meaning := p.Description
		if p.Schema.Default != nil {
			meaning += fmt.Sprintf(" Without it: %v.", p.Schema.Default)
		}
		return h.Tr(
			h.Td(h.Code(h.Text(p.Name)), h.If(p.Required, h.Group{h.Text(" "), h.Em(h.Text("needed"))})),
			h.Td(h.Text(p.In)),
			h.Td(schemaText(p.Schema)),
			h.Td(h.Text(meaning)))
	}))
}

func body(b *huma.RequestBody) h.Node {
	if b == nil {
		return nil
	}
	return h.Group{h.P(h.Text("Body:")), h.Ul(h.Map(slices.Sorted(maps.Keys(b.Content)), func(media string) h.Node {
		s := b.Content[media].Schema
		return h.Li(h.Code(h.Text(media)), h.Text(": "), schemaText(s), h.Text(". "+s.Description))
	}))}
}

// documents returns the section of all schemas, by name.
func (r reference) documents() h.Node {
	return h.Section(h.Aria("labelledby", "documents"), h.H2(h.ID("documents"), h.Text("Documents")), h.Map(byName(r.doc), func(s named) h.Node {
		return h.Article(h.ID("schema-"+s.Name), h.H3(h.Text(s.Name)), document(s.Schema))
	}))
}

// document returns a schema as a table of its fields, or as its text.
func document(s *huma.Schema) h.Node {
	fields := fieldsOf(s)
	if len(fields) == 0 {
		return h.Group{h.If(s.Description != "", h.P(h.Text(s.Description))), h.P(schemaText(s))}
	}
	return table("Fields", []string{"field", "type", "meaning"}, h.Map(fields, func(f field) h.Node {
		return h.Tr(
			h.Td(h.Code(h.Text(f.Name)), h.If(!f.Needed, h.Group{h.Text(" "), h.Em(h.Text("optional"))})),
			h.Td(f.Type),
			h.Td(h.Text(f.Doc)))
	}))
}

func problems() h.Node {
	return h.Section(h.Aria("labelledby", "problems"),
		h.H2(h.ID("problems"), h.Text("Problems")),
		h.P(h.Text("Every error is "), h.Code(h.Text("application/problem+json")), h.Text(", a "), h.A(h.Href("#schema-Problem"), h.Text("Problem")),
			h.Text(". Its "), h.Code(h.Text("type")), h.Text(" leads here.")),
		h.Map(kinds, func(k kind) h.Node {
			return h.Article(h.ID("problem-"+k.Anchor), h.H3(h.Textf("%d %s", k.Status, k.Title)), h.P(h.Text(k.What)))
		}))
}

// table returns a table that scrolls inside the page.
func table(label string, head []string, rows h.Node) h.Node {
	return h.Div(h.Class("wide"), h.TabIndex("0"), h.Role("region"), h.Aria("label", label), h.Table(
		h.THead(h.Tr(h.Map(head, func(name string) h.Node { return h.Th(h.Scope("col"), h.Text(name)) }))),
		h.TBody(rows)))
}

func verb(op *huma.Operation) h.Node { return h.Span(h.Class("verb "+op.Method), h.Text(op.Method)) }

func toSchema(name string) h.Node { return h.A(h.Href("#schema-"+name), h.Text(name)) }

// paragraphs splits a text at its empty lines.
func paragraphs(text string) h.Node {
	if text == "" {
		return nil
	}
	return h.Map(strings.Split(text, "\n\n"), func(part string) h.Node { return h.P(h.Text(part)) })
}

// schemaText writes a schema as people read it: string, list of Group, high | normal | low.
func schemaText(s *huma.Schema) h.Node {
	if s == nil {
		return nil
	}
	text := h.Group{typeText(s)}
	if s.Nullable {
		text = append(text, h.Text(" or null"))
	}
	return text
}

func typeText(s *huma.Schema) h.Node {
	switch {
	case s.Ref != "":
		return toSchema(strings.TrimPrefix(s.Ref, schemas))
	case len(s.OneOf) > 0:
		return parted(" or ", s.OneOf, schemaText)
	case len(s.AnyOf) > 0:
		return parted(" or ", s.AnyOf, schemaText)
	case len(s.Enum) > 0:
		return parted(" | ", s.Enum, func(e any) h.Node { return h.Textf("%q", e) })
	case s.Type == huma.TypeArray:
		return h.Group{h.Text("list of "), schemaText(s.Items)}
	case s.Type == huma.TypeObject && len(s.Properties) > 0:
		return h.Group{h.Text("{"), parted(", ", fieldsOf(s), func(f field) h.Node { return h.Group{h.Text(f.Name + ": "), f.Type} }), h.Text("}")}
	case s.Format == "date-time":
		return h.Text("time")
	case s.Format == "binary":
		return h.Text("bytes")
	case s.Type == "":
		return h.Text("anything")
	default:
		return h.Text(s.Type)
	}
}

// parted joins nodes with a text between them.
func parted[T any](between string, all []T, node func(T) h.Node) h.Node {
	var out h.Group
	for i, one := range all {
		out = append(out, h.If(i > 0, h.Text(between)), node(one))
	}
	return out
}
