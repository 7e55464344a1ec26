package markup

import (
	"bytes"
	"fmt"
	"strings"
)

// Node is a part of a page: an element, an attribute, a text, or several of them. A nil Node writes nothing.
type Node interface{ Write(b *bytes.Buffer) error }

// Page returns a whole document.
func Page(html Node) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("<!doctype html>")
	err := html.Write(&b)
	return b.Bytes(), err
}

// Group is several nodes. Attributes in it belong to the element around it.
type Group []Node

// Write writes the nodes that are not attributes.
func (g Group) Write(b *bytes.Buffer) error { return g.write(b, false) }

func (g Group) write(b *bytes.Buffer, attributes bool) error {
	for _, n := range g {
		var err error
		switch n := n.(type) {
		case nil:
		case Group:
			err = n.write(b, attributes)
		case attribute:
			if attributes {
				err = n.Write(b)
			}
		default:
			if !attributes {
				err = n.Write(b)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// If returns the node if the condition holds. The caller builds the node in any case.
func If(condition bool, n Node) Node {
	if condition {
		return n
	}
	return nil
}

// Map returns a node for each value.
func Map[T any](all []T, node func(T) Node) Group {
	nodes := make(Group, len(all))
	for i, one := range all {
		nodes[i] = node(one)
	}
	return nodes
}

type text string

func (t text) Write(b *bytes.Buffer) error {
	_, err := escaper.WriteString(b, string(t))
	return err
}

// Text returns an escaped text.
func Text(s string) Node { return text(s) }

// Textf returns a formatted and escaped text.
func Textf(format string, args ...any) Node { return text(fmt.Sprintf(format, args...)) }

var escaper = strings.NewReplacer("&", "&amp;", "'", "&#39;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "\x00", "\ufffd")

type element struct {
	name     string
	children Group
}

func (e *element) Write(b *bytes.Buffer) error {
	b.WriteString("<" + e.name)
	if err := e.children.write(b, true); err != nil {
		return err
	}
	end, known := ends[e.name]
	if known {
		b.WriteString(end)
		return nil
	}
	b.WriteByte('>')
	if err := e.children.write(b, false); err != nil {
		return err
	}
	b.WriteString("</" + e.name + ">")
	return nil
}

// ends lists the elements without content, with the end of their tag.
var ends = map[string]string{"input": ">", "link": ">", "meta": ">", "line": "/>", "path": "/>", "rect": "/>"}

// el returns an element. It is not inlined, to keep the program small: pages call it hundreds of times.
//
//go:noinline
func el(name string, children Group) Node { return &element{name, children} }

type attribute struct {
	name, value string
	bare        bool // without a value
}

func (a attribute) Write(b *bytes.Buffer) error {
	b.WriteString(" " + a.name)
	if a.bare {
		return nil
	}
	b.WriteString(`="`)
	if _, err := escaper.WriteString(b, a.value); err != nil {
		return err
	}
	b.WriteByte('"')
	return nil
}

func attr(name, value string) Node { return attribute{name: name, value: value} }

func flag(name string) Node { return attribute{name: name, bare: true} }

// ours returns an address on this server, and "/" for any other. Browsers read \ as / and skip tabs and line
// breaks: each could turn a path into the address of another server.
func ours(to string) string {
	rooted := strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") || strings.HasPrefix(to, "#")
	if rooted && !strings.ContainsFunc(to, func(r rune) bool { return r < ' ' || r == '\\' }) {
		return to
	}
	return "/"
}
