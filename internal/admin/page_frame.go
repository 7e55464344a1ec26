package admin

import (
	"github.com/rollcallhq/rollcall/internal/auth"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/say"
)

// document returns a whole page: the content that a view shows, in the frame of every page.
func (f *frame) document(content h.Node) h.Node {
	return h.HTML(h.Lang(string(f.lang)),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.TitleEl(h.Text(f.Title+" · rollcall"), h.If(f.Environment != "", h.Text(" · "+f.Environment))),
			h.Link(h.Rel("icon"), h.Href("/assets/favicon.svg"), h.Type("image/svg+xml")),
			h.Link(h.Rel("stylesheet"), h.Href("/assets/style.css")),
			h.Script(h.Src("/assets/page.js"), h.Defer()),
		),
		h.Body(
			h.Data("now", iso(f.Now)), h.Data("word-now", f.word("now")), h.Data("word-in", f.word("in", "{}")), h.Data("word-ago", f.word("ago", "{}")),
			h.Data("zone", f.Zone), h.Data("position", f.Position), h.Data("base", f.Base), h.If(f.Static, h.Data("static", "1")),
			h.A(h.Class("skip"), h.Href("#main"), f.T("skip-to-the-content")),
			h.Header(h.Class("top"), h.Div(h.Class("bar"),
				f.brand(),
				h.If(f.Who.Role > auth.Public, h.Group{f.menu(), f.search()}),
			)),
			f.notices(),
			h.Main(h.ID("main"), h.TabIndex("-1"),
				h.If(f.Said != "", h.P(h.Class("said"), h.Role("status"), h.Text(f.Said))),
				content,
			),
			h.Button(h.ID("fresh"), h.Class("fresh"), h.Type("button"), h.Hidden(), f.T("show-what-is-new")),
			f.foot(),
		),
	)
}

func (f *frame) brand() h.Node {
	return h.Group{
		h.A(
			h.Class("brand"), h.Href("/"),
			h.SVG(h.Width("20"), h.Height("20"), h.ViewBox("0 0 32 32"), h.Aria("hidden", "true"),
				rect("mark", h.Number("width", 32), h.Number("height", 32), h.Number("rx", 8)),
				drawn("tick", "M8 17l5 5 11-12")),
			h.Text("rollcall"),
		),
		h.If(f.Environment != "", h.Group{space, badge("warn", h.Text(f.Environment))}),
		space,
	}
}

func (f *frame) menu() h.Node {
	return h.Nav(h.Aria("label", f.word("main")), h.Ul(
		h.Data("live", "menu"),
		f.entry("", "overview", nil),
		f.entry("instances", "instances", nil),
		f.entry("groups", "groups", counted("soft", f.Menu.Groups)),
		f.entry("batches", "batches", nil),
		f.entry("history", "history", nil),
		f.entry("problems", "problems", counted("badtext", f.Menu.Failed)),
		f.entry("review", "review", counted("warntext", f.Menu.Review)),
		h.If(f.Admin(), f.entry("audit", "audit-log", nil)),
	))
}

// entry returns a line of the menu.
func (f *frame) entry(section string, name say.Code, count h.Node) h.Node {
	return h.Li(h.Data("key", "m/"+section), link("/"+section, h.If(f.Section == section, h.Aria("current", "page")), f.T(name), count))
}

func (f *frame) search() h.Node {
	return h.Form(
		h.Class("search"), h.Role("search"), h.Method("post"), h.Action("/search"),
		h.Label(h.Class("hide"), h.For("q"), f.T("find-a-phone-a-group")),
		h.Input(h.ID("q"), h.Name("q"), h.Type("search"), h.Value(f.Query), h.Placeholder(f.word("phone-name-reference-id")), unhelped(), maxLength(maxTyped)),
		h.Button(h.Class("plain"), f.T("find")),
	)
}

// notices returns what the script shows when the page cannot be kept up to date.
func (f *frame) notices() h.Node {
	return h.Group{
		h.P(h.ID("stale"), h.Class("stale"), h.Role("status"), h.Hidden(),
			h.Span(f.T("live-updates-have-stopped-what"), space, h.B(h.ID("stale-since")), h.Text(". "), f.T("connecting-again"))),
		h.If(f.Keyed, h.P(h.ID("gone"), h.Class("stale"), h.Role("status"), h.Hidden(),
			h.Span(f.T("you-are-not-logged-in"), space, link("/login", f.T("log-in"))))),
	}
}

func (f *frame) foot() h.Node {
	return h.Footer(
		h.P(
			h.Span(h.ID("zone"), f.T("times-are-those-of-utc", f.Zone, f.Offset)), space, h.NoScript(f.T("without-javascript-reload-for-news")), space,
			h.Map(f.Notes, func(n say.Phrase) h.Node { return h.Group{h.Span(f.tell(n)), space} }),
		),
		row(
			post("/language", hidden("back", f.Path), h.Map(f.Others, func(l say.Language) h.Node {
				return h.Group{h.Button(h.Class("link"), h.Name("to"), h.Value(string(l)), h.Lang(string(l)), h.Text(l.Title())), space}
			})),
			space, link("/docs", f.T("api")), space,
			h.If(f.Who.Name != "", h.Group{
				h.Span(f.T("logged-in-as"), space, h.B(h.Text(f.Who.Name)), h.Text(" ("), f.role(), h.Text(")")), space,
				link("/sessions", f.T("sessions")), space,
				post("/logout", h.Button(h.Class("link"), f.T("log-out"))), space,
			}),
			h.If(f.Version != "", soft(h.Text("rollcall "+f.Version))),
		),
	)
}

// role returns what the visitor's key may do, and where.
func (f *frame) role() h.Node {
	all := h.Group{f.T(code("role", f.Who.Role.String()))}
	for i, pool := range f.Who.Pools {
		if i == 0 {
			all = append(all, h.Text("; "), f.T("pool"), h.Text(" "+pool))
		} else {
			all = append(all, h.Text(", "+pool))
		}
	}
	return all
}

func (view failView) page(f *frame) h.Node {
	return h.Group{
		h.H1(h.Text(view.Title)),
		p("lead", h.Text(view.Detail)),
		h.P(buttonTo("/", f.T("to-the-overview"))),
	}
}
