package admin

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Text in the visitor's language. A code without a text fails the page, so that no page shows a code.

// T returns one of the page's texts.
func (f *frame) T(code say.Code, args ...any) h.Node { return words{f, code, args} }

type words struct {
	in   *frame
	code say.Code
	args []any
}

// Write writes the text. It checks here that the code is known, because a page may build parts that it does not show.
func (w words) Write(b *bytes.Buffer) error {
	text, err := w.in.known(w.code, w.args...)
	if err != nil {
		return err
	}
	return h.Text(text).Write(b)
}

// word returns one of the page's texts, for an attribute.
func (f *frame) word(code say.Code, args ...any) string {
	text, err := f.known(code, args...)
	if err != nil && f.err == nil {
		f.err = err
	}
	return text
}

// said returns what a speech says, "" for nil, with masked numbers: a sentence may hold text that people wrote.
func (f *frame) said(s say.Speech) string {
	switch s := s.(type) {
	case nil:
		return ""
	case say.Code:
		return f.word(s)
	default:
		return api.Veil(s.Said(f.voice(f.Now)))
	}
}

// tell shows what a speech says.
func (f *frame) tell(s say.Speech) h.Node { return h.Text(f.said(s)) }

// veil shows a text without the numbers in it.
func veil(text string) h.Node { return h.Text(api.Veil(text)) }

// code returns the code of a word's text.
func code[S ~string](family string, word S) say.Code { return say.Code(family + ":" + string(word)) }

// kept shows the text of a stored word. A newer version may have stored a word that the catalogue does not have:
// it is shown as it is and does not fail the page.
func kept[S ~string](f *frame, family string, word S) h.Node {
	if c := code(family, word); say.Has(c) {
		return f.T(c)
	}
	return h.Text(string(word))
}

// at returns a time by the clock. rel returns a time relative to now, which the page's script keeps up to date.
func (f *frame) at(t time.Time) h.Node  { return f.timeTag("", t, f.time(t, f.Now)) }
func (f *frame) rel(t time.Time) h.Node { return f.timeTag("rel", t, f.relative(t, f.Now)) }

func (f *frame) timeTag(kind string, t time.Time, text string) h.Node {
	if t.IsZero() {
		return dash()
	}
	return h.Time(h.DateTime(iso(t)), h.Title(t.In(f.clock.Zone()).Format("2006-01-02 15:04:05 MST")), h.Data("time", kind), h.Text(text))
}

// timeOf returns the time behind a pointer; zero for nil.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// space separates elements in one line.
var space = h.Text(" ")

// Addresses.

// path joins the parts of an address of the page.
func path(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String()
}

// list returns the address of a list with a filter.
func list(of string, filter ...string) string { return of + "?" + filterOf(filter...) }

// filterOf returns names and values as query parameters.
func filterOf(filter ...string) string {
	values := url.Values{}
	for pair := range slices.Chunk(filter, 2) {
		values.Set(pair[0], pair[1])
	}
	return values.Encode()
}

func link(to string, children ...h.Node) h.Node { return h.A(h.Href(to), h.Group(children)) }

// buttonTo returns a link that looks like a button.
func buttonTo(to string, children ...h.Node) h.Node {
	return h.A(h.Class("button"), h.Href(to), h.Group(children))
}

// crumbs link to the pages above this one.
func crumbs(children ...h.Node) h.Node { return p("crumbs", children...) }

// turn links to another page of a list; nothing if there is none.
func turn(to, rel string, text h.Node) h.Node {
	if to == "" {
		return nil
	}
	return buttonTo(to, h.Rel(rel), text)
}

// further links to the next page of a list; nothing if there is none.
func further(to string, text h.Node) h.Node {
	if to == "" {
		return nil
	}
	return p("pages", turn(to, "next", text))
}

// Elements with a class.

func p(class string, children ...h.Node) h.Node { return h.P(h.Class(class), h.Group(children)) }

func mark(class string, children ...h.Node) h.Node { return h.Span(h.Class(class), h.Group(children)) }
func soft(children ...h.Node) h.Node               { return mark("soft", children...) }
func hide(children ...h.Node) h.Node               { return mark("hide", children...) }
func tag(children ...h.Node) h.Node                { return mark("tag", children...) }
func row(children ...h.Node) h.Node                { return h.Div(h.Class("row"), h.Group(children)) }

// none returns the text of an empty place.
func none(children ...h.Node) h.Node { return mark("none", children...) }
func dash() h.Node                   { return none(h.Text("–")) }

// num returns a number with separated thousands.
func num(n int) h.Node { return h.Text(number(n)) }

// counted returns a number after a name; nothing for 0.
func counted(class string, n int) h.Node {
	if n == 0 {
		return nil
	}
	return h.Group{space, mark(class, num(n))}
}

// ofAll returns the total after a part; nothing if it is not known.
func ofAll(n int) h.Node {
	if n == 0 {
		return nil
	}
	return soft(h.Text(" / "), num(n))
}

// unless0 returns a number that stands out unless it is 0.
func unless0(class string, n int) h.Node {
	if n == 0 {
		return none(h.Text("0"))
	}
	return mark(class, num(n))
}

// live returns a part that the script keeps up to date.
func live(name string, children ...h.Node) h.Node {
	return h.Div(h.Data("live", name), h.Group(children))
}

// section returns a part of the page with a heading.
func section(id string, title h.Node, children ...h.Node) h.Node {
	return h.Section(h.Aria("labelledby", id), h.H2(h.ID(id), title), h.Group(children))
}

// fold returns a part that opens on demand.
func fold(summary h.Node, children ...h.Node) h.Node {
	return h.Details(h.Summary(summary), h.Group(children))
}

// alarm returns the error of a form; nothing for "".
func alarm(text string) h.Node {
	if text == "" {
		return nil
	}
	return h.P(h.Class("error"), h.Role("alert"), veil(text))
}

// fact returns a line of a list of facts.
func (f *frame) fact(name say.Code, is ...h.Node) h.Node {
	return h.Div(h.Dt(f.T(name)), h.Dd(h.Group(is)))
}

// Badges: states as coloured words.

func badge(tone string, text h.Node) h.Node { return mark("badge "+tone, text) }

func (f *frame) state(s string) h.Node  { return badge(tones[s], h.Text(f.text(code("state", s)))) }
func (f *frame) status(s string) h.Node { return badge(tones[s], h.Text(f.text(code("status", s)))) }

func (f *frame) member(s group.MemberStatus) h.Node {
	return badge(tones[string(s)], h.Text(f.text(code("member", s))))
}

// toned returns a word that has a tone of its own.
func (f *frame) toned(word say.Code) h.Node { return badge(tones[string(word)], f.T(word)) }

// Forms.

// post returns a form that changes something.
func post(to string, children ...h.Node) h.Node {
	return h.Form(h.Method("post"), h.Action(to), h.Group(children))
}

// filters returns a form that filters a list.
func filters(to string, children ...h.Node) h.Node {
	return h.Form(h.Class("filters"), h.Method("get"), h.Action(to), h.Group(children))
}

func hidden(name, value string) h.Node {
	return h.Input(h.Type("hidden"), h.Name(name), h.Value(value))
}

// field returns a name and what is filled in beside it.
func (f *frame) field(name say.Code, input ...h.Node) h.Node {
	return h.Label(f.T(name), space, h.Group(input))
}

// input returns a line to fill in.
func input(name, value string, attributes ...h.Node) h.Node {
	return h.Input(h.Name(name), h.Value(value), h.Group(attributes))
}

// blank returns a line to fill in that is empty.
func blank(name string, attributes ...h.Node) h.Node {
	return h.Input(h.Name(name), h.Group(attributes))
}

func maxLength(n int) h.Node { return h.MaxLength(strconv.Itoa(n)) }
func unhelped() h.Node       { return h.AutoComplete("off") }

// check returns a box to tick.
func check(name, value string, on bool, text ...h.Node) h.Node {
	return h.Label(h.Class("check"), h.Input(h.Type("checkbox"), h.Name(name), h.If(value != "", h.Value(value)), h.If(on, h.Checked())), space, h.Group(text))
}

// choose returns one of several things, by name.
func choose(name string, options ...h.Node) h.Node {
	return h.Select(h.Name(name), h.Group(options))
}

func option(value string, chosen bool, text ...h.Node) h.Node {
	return h.Option(h.Value(value), h.If(chosen, h.Selected()), h.Group(text))
}

// plain returns options with their values as texts.
func plain[S ~string](all []S, chosen S) h.Node {
	return h.Map(all, func(s S) h.Node { return h.Option(h.If(s == chosen, h.Selected()), h.Text(string(s))) })
}

// anything returns the option that does not filter.
func (f *frame) anything() h.Node { return option("", false, f.T("any")) }

// filterRow returns the button at the end of a filter.
func (f *frame) filterRow(more ...h.Node) h.Node {
	return row(h.Button(f.T("filter")), h.Group(more))
}

// Tables.

// table returns a table that scrolls inside the page.
func (f *frame) table(class, label string, head h.Node, parts ...h.Node) h.Node {
	return h.Div(h.Class("wide"), h.Role("region"), h.Aria("label", label), h.TabIndex("0"),
		h.Table(h.Class(class), h.THead(h.Tr(head)), h.Group(parts)))
}

// th heads a column.
func (f *frame) th(name say.Code, class ...string) h.Node {
	return h.Th(h.Scope("col"), h.If(len(class) > 0, h.Class(strings.Join(class, " "))), f.T(name))
}

// thHidden heads a column whose heading only screen readers get.
func (f *frame) thHidden(name say.Code) h.Node { return h.Th(h.Scope("col"), hide(f.T(name))) }

// tr returns a row, on its own line in the source.
func tr(children ...h.Node) h.Node { return h.Group{h.Tr(h.Group(children)), h.Text("\n")} }

func td(class string, children ...h.Node) h.Node { return h.Td(h.Class(class), h.Group(children)) }

// labelled returns a cell with the name of its column, which a narrow screen shows beside it.
func (f *frame) labelled(class string, column say.Code, children ...h.Node) h.Node {
	return h.Td(h.Class(class), h.Data("label", f.word(column)), h.Group(children))
}

// Drawings.

func svg(class, box string, children ...h.Node) h.Node {
	return h.SVG(h.If(class != "", h.Class(class)), h.ViewBox(box), h.Group(children))
}

func rect(class string, measures ...h.Node) h.Node { return h.Rect(h.Class(class), h.Group(measures)) }

func drawn(class, d string) h.Node { return h.Path(h.Class(class), h.D(d)) }

// progressBar shows a percentage.
func progressBar(width int, attributes ...h.Node) h.Node {
	return svg("progress", "0 0 100 6", h.PreserveAspectRatio("none"), h.Group(attributes),
		rect("track", h.Number("width", 100), h.Number("height", 6), h.Number("rx", 3)),
		rect("fill", h.Number("width", width), h.Number("height", 6), h.Number("rx", 3)))
}

// progress returns a progressBar with a label, for places where no text says the percentage.
func (f *frame) progress(width int) h.Node {
	return progressBar(width, h.Role("img"), h.Aria("label", f.word("percent", width)))
}

// percent returns the percentage of n in of.
func percent(n, of int) int {
	if of == 0 {
		return 0
	}
	return 100 * n / of
}
