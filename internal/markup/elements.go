//nolint:revive // elements have their names, and nothing to add
package markup

// The elements of pages, by their names.

func A(children ...Node) Node          { return el("a", children) }
func Article(children ...Node) Node    { return el("article", children) }
func B(children ...Node) Node          { return el("b", children) }
func Body(children ...Node) Node       { return el("body", children) }
func Button(children ...Node) Node     { return el("button", children) }
func Code(children ...Node) Node       { return el("code", children) }
func Dd(children ...Node) Node         { return el("dd", children) }
func Details(children ...Node) Node    { return el("details", children) }
func Div(children ...Node) Node        { return el("div", children) }
func Dl(children ...Node) Node         { return el("dl", children) }
func Dt(children ...Node) Node         { return el("dt", children) }
func Em(children ...Node) Node         { return el("em", children) }
func FieldSet(children ...Node) Node   { return el("fieldset", children) }
func FigCaption(children ...Node) Node { return el("figcaption", children) }
func Figure(children ...Node) Node     { return el("figure", children) }
func Footer(children ...Node) Node     { return el("footer", children) }
func Form(children ...Node) Node       { return el("form", children) }
func H1(children ...Node) Node         { return el("h1", children) }
func H2(children ...Node) Node         { return el("h2", children) }
func H3(children ...Node) Node         { return el("h3", children) }
func H4(children ...Node) Node         { return el("h4", children) }
func Head(children ...Node) Node       { return el("head", children) }
func Header(children ...Node) Node     { return el("header", children) }
func HTML(children ...Node) Node       { return el("html", children) }
func Input(children ...Node) Node      { return el("input", children) }
func Label(children ...Node) Node      { return el("label", children) }
func Legend(children ...Node) Node     { return el("legend", children) }
func Li(children ...Node) Node         { return el("li", children) }
func Link(children ...Node) Node       { return el("link", children) }
func Main(children ...Node) Node       { return el("main", children) }
func Meta(children ...Node) Node       { return el("meta", children) }
func Nav(children ...Node) Node        { return el("nav", children) }
func NoScript(children ...Node) Node   { return el("noscript", children) }
func Ol(children ...Node) Node         { return el("ol", children) }
func Option(children ...Node) Node     { return el("option", children) }
func P(children ...Node) Node          { return el("p", children) }
func Pre(children ...Node) Node        { return el("pre", children) }
func Q(children ...Node) Node          { return el("q", children) }
func Script(children ...Node) Node     { return el("script", children) }
func Section(children ...Node) Node    { return el("section", children) }
func Select(children ...Node) Node     { return el("select", children) }
func Span(children ...Node) Node       { return el("span", children) }
func Strong(children ...Node) Node     { return el("strong", children) }
func Summary(children ...Node) Node    { return el("summary", children) }
func SVG(children ...Node) Node        { return el("svg", children) }
func Table(children ...Node) Node      { return el("table", children) }
func TBody(children ...Node) Node      { return el("tbody", children) }
func Td(children ...Node) Node         { return el("td", children) }
func Textarea(children ...Node) Node   { return el("textarea", children) }
func TFoot(children ...Node) Node      { return el("tfoot", children) }
func Th(children ...Node) Node         { return el("th", children) }
func THead(children ...Node) Node      { return el("thead", children) }
func Time(children ...Node) Node       { return el("time", children) }
func Tr(children ...Node) Node         { return el("tr", children) }
func Ul(children ...Node) Node         { return el("ul", children) }

// TitleEl returns the title of a page; Title is an attribute.
func TitleEl(children ...Node) Node { return el("title", children) }

// The shapes of drawings.

func Line(attributes ...Node) Node { return el("line", attributes) }
func Path(attributes ...Node) Node { return el("path", attributes) }
func Rect(attributes ...Node) Node { return el("rect", attributes) }
