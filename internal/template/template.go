package template

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// Template is a text with fields.
type Template struct{ write writer }

// Values returns a field's value: a string, an int or a bool; nil for an unknown field. arguments follow the
// field: {{.Word "status" .Kind}} has two.
type Values func(field string, arguments ...string) any

// Parse parses a sentence: text, {{.Field}}, {{if}} with {{else if}} and {{else}}, comments, and the functions
// and, or, not, eq and ne.
func Parse(text string) (*Template, error) { return compile(text, reader{sentence: true}) }

// Fields returns the fields of a message.
func Fields() []string { return []string{"Link", "GroupName", "Organisation"} }

// Message parses a message to people: text, {{.Link}}, {{.GroupName}}, {{.Organisation}}, and {{if}} with one of
// them as its condition. Messages come from outside, so none can cost more than its length.
func Message(text string) (*Template, error) { return compile(text, reader{fields: Fields()}) }

// Fill returns the text with the values of its fields. It fails if a field has no value.
func (t *Template) Fill(values Values) (string, error) {
	var b strings.Builder
	if err := t.write(&b, values); err != nil {
		return "", err
	}
	return b.String(), nil
}

// exampleLink stands for a group's link when a message is tried out.
const exampleLink = "https://chat.whatsapp.com/Example"

// HasLink reports whether an invitation has its link in it, for pools with an organisation and without.
func (t *Template) HasLink() bool {
	for _, organisation := range []string{"", "Example"} {
		out, err := t.Fill(func(field string, _ ...string) any {
			return map[string]any{"Link": exampleLink, "GroupName": "Example", "Organisation": organisation}[field]
		})
		if err != nil || !strings.Contains(out, exampleLink) {
			return false
		}
	}
	return true
}

// Error says why a text is not a template.
type Error struct {
	Line  int    // of the text, from 1
	Part  string // what is not allowed there, such as {{range}}; "" when the text cannot be parsed
	Field bool   // Part is an unknown field
}

func (e *Error) Error() string {
	switch {
	case e.Field:
		return fmt.Sprintf("line %d: there is no %s", e.Line, e.Part)
	case e.Part != "":
		return fmt.Sprintf("line %d: %s is not possible here", e.Line, e.Part)
	default:
		return fmt.Sprintf("line %d: not a template", e.Line)
	}
}

// functions are the functions of a sentence, with the number of their arguments.
var functions = map[string]int{"and": 2, "or": 2, "not": 1, "eq": 2, "ne": 2}

// broken finds the line in an error of the parser. The rest of the error repeats the text, which may be a secret.
var broken = regexp.MustCompile(`^template: :(\d+)`)

func compile(text string, r reader) (*Template, error) {
	tree, set := parse.New(""), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", set); err != nil {
		e := &Error{Line: 1}
		if m := broken.FindStringSubmatch(err.Error()); m != nil {
			e.Line, _ = strconv.Atoi(m[1]) // digits
		}
		return nil, e
	}
	r.tree = tree
	for name := range set {
		if name != "" {
			return nil, &Error{Line: 1, Part: "{{define}}"}
		}
	}
	write, err := r.list(tree.Root)
	if err != nil {
		return nil, err
	}
	return &Template{write}, nil
}

// A writer writes a part of a text; an expression returns a value.
type (
	writer     func(*strings.Builder, Values) error
	expression func(Values) (any, error)
)

// reader turns the nodes of the parser into functions.
type reader struct {
	tree     *parse.Tree
	sentence bool     // has functions, and fields have arguments
	fields   []string // the allowed ones; nil for any
}

func (r reader) list(l *parse.ListNode) (writer, error) {
	var all []writer
	if l != nil {
		for _, n := range l.Nodes {
			w, err := r.node(n)
			if err != nil {
				return nil, err
			}
			all = append(all, w)
		}
	}
	return func(b *strings.Builder, values Values) error {
		for _, w := range all {
			if err := w(b, values); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (r reader) node(n parse.Node) (writer, error) {
	switch n := n.(type) {
	case *parse.TextNode:
		text := string(n.Text)
		return func(b *strings.Builder, _ Values) error { b.WriteString(text); return nil }, nil
	case *parse.ActionNode:
		return r.action(n)
	case *parse.IfNode:
		return r.choice(n)
	default:
		return nil, r.fault(n)
	}
}

func (r reader) action(n *parse.ActionNode) (writer, error) {
	value, err := r.pipe(n.Pipe)
	if err != nil {
		return nil, err
	}
	return func(b *strings.Builder, values Values) error {
		v, err := value(values)
		if err != nil {
			return err
		}
		b.WriteString(written(v))
		return nil
	}, nil
}

func (r reader) choice(n *parse.IfNode) (writer, error) {
	condition, err := r.pipe(n.Pipe)
	if err != nil {
		return nil, err
	}
	then, err := r.list(n.List)
	if err != nil {
		return nil, err
	}
	otherwise, err := r.list(n.ElseList)
	if err != nil {
		return nil, err
	}
	return func(b *strings.Builder, values Values) error {
		v, err := condition(values)
		switch {
		case err != nil:
			return err
		case holds(v):
			return then(b, values)
		default:
			return otherwise(b, values)
		}
	}, nil
}

func (r reader) pipe(p *parse.PipeNode) (expression, error) {
	if len(p.Decl) != 0 || len(p.Cmds) != 1 {
		return nil, r.fault(p)
	}
	c := p.Cmds[0]
	arguments := make([]expression, 0, len(c.Args))
	for _, n := range c.Args[1:] {
		if !r.sentence {
			return nil, r.fault(c.Args[0])
		}
		a, err := r.value(n, nil)
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, a)
	}
	return r.value(c.Args[0], arguments)
}

func (r reader) value(n parse.Node, arguments []expression) (expression, error) {
	switch n := n.(type) {
	case *parse.FieldNode:
		if len(n.Ident) != 1 || r.fields != nil && !slices.Contains(r.fields, n.Ident[0]) {
			return nil, &Error{Line: r.line(n), Part: "{{" + n.String() + "}}", Field: true}
		}
		return field(n.Ident[0], arguments), nil
	case *parse.IdentifierNode:
		if r.sentence && functions[n.Ident] == len(arguments) && len(arguments) > 0 {
			return call(n.Ident, arguments), nil
		}
	case *parse.PipeNode:
		if r.sentence {
			return r.pipe(n)
		}
	case *parse.StringNode:
		if r.sentence {
			return func(Values) (any, error) { return n.Text, nil }, nil
		}
	case *parse.NumberNode:
		if r.sentence && n.IsInt {
			return func(Values) (any, error) { return int(n.Int64), nil }, nil
		}
	}
	return nil, r.fault(n)
}

// fault refuses a node. It names the keyword only, because the rest may be a secret.
func (r reader) fault(n parse.Node) error {
	part := "{{…}}"
	switch n := n.(type) {
	case *parse.RangeNode:
		part = "{{range}}"
	case *parse.WithNode:
		part = "{{with}}"
	case *parse.TemplateNode:
		part = "{{template}}"
	case *parse.IdentifierNode:
		part = "{{" + n.Ident + "}}"
	}
	return &Error{Line: r.line(n), Part: part}
}

// line returns the line of a node.
func (r reader) line(n parse.Node) int {
	place, _ := r.tree.ErrorContext(n) // name:line:column
	line, _ := strconv.Atoi(strings.Split(place, ":")[1])
	return line
}

func field(name string, arguments []expression) expression {
	return func(values Values) (any, error) {
		words := make([]string, len(arguments))
		for i, a := range arguments {
			v, err := a(values)
			if err != nil {
				return nil, err
			}
			words[i] = written(v)
		}
		v := values(name, words...)
		if v == nil {
			return nil, errors.New("no value for ." + name)
		}
		return v, nil
	}
}

// call applies a function to its arguments, as Go's templates do.
func call(function string, arguments []expression) expression {
	return func(values Values) (any, error) {
		given := make([]any, len(arguments))
		for i, a := range arguments {
			var err error
			if given[i], err = a(values); err != nil {
				return nil, err
			}
		}
		first, last := given[0], given[len(given)-1]
		switch function {
		case "not":
			return !holds(first), nil
		case "eq":
			return first == last, nil
		case "ne":
			return first != last, nil
		}
		if holds(first) == (function == "or") {
			return first, nil
		}
		return last, nil
	}
}

// holds reports whether a value is true as a condition.
func holds(v any) bool { return v != "" && v != 0 && v != false }

func written(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	default:
		return fmt.Sprint(v)
	}
}
