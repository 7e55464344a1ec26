//nolint:revive // attributes have their names, and nothing to add
package markup

import "strconv"

// The attributes of elements, by their names.

func Accept(value string) Node              { return attr("accept", value) }
func AutoComplete(value string) Node        { return attr("autocomplete", value) }
func Charset(value string) Node             { return attr("charset", value) }
func Class(value string) Node               { return attr("class", value) }
func ColSpan(value string) Node             { return attr("colspan", value) }
func Content(value string) Node             { return attr("content", value) }
func D(value string) Node                   { return attr("d", value) }
func DateTime(value string) Node            { return attr("datetime", value) }
func EncType(value string) Node             { return attr("enctype", value) }
func For(value string) Node                 { return attr("for", value) }
func FormAttr(value string) Node            { return attr("form", value) }
func Height(value string) Node              { return attr("height", value) }
func ID(value string) Node                  { return attr("id", value) }
func InputMode(value string) Node           { return attr("inputmode", value) }
func Lang(value string) Node                { return attr("lang", value) }
func Max(value string) Node                 { return attr("max", value) }
func MaxLength(value string) Node           { return attr("maxlength", value) }
func Method(value string) Node              { return attr("method", value) }
func Min(value string) Node                 { return attr("min", value) }
func Name(value string) Node                { return attr("name", value) }
func Pattern(value string) Node             { return attr("pattern", value) }
func Placeholder(value string) Node         { return attr("placeholder", value) }
func PreserveAspectRatio(value string) Node { return attr("preserveAspectRatio", value) }
func Rel(value string) Node                 { return attr("rel", value) }
func Role(value string) Node                { return attr("role", value) }
func Rows(value string) Node                { return attr("rows", value) }
func Rx(value string) Node                  { return attr("rx", value) }
func Scope(value string) Node               { return attr("scope", value) }
func TabIndex(value string) Node            { return attr("tabindex", value) }
func Title(value string) Node               { return attr("title", value) }
func Type(value string) Node                { return attr("type", value) }
func Value(value string) Node               { return attr("value", value) }
func ViewBox(value string) Node             { return attr("viewBox", value) }
func Width(value string) Node               { return attr("width", value) }
func X(value string) Node                   { return attr("x", value) }
func X1(value string) Node                  { return attr("x1", value) }
func X2(value string) Node                  { return attr("x2", value) }
func Y(value string) Node                   { return attr("y", value) }
func Y1(value string) Node                  { return attr("y1", value) }
func Y2(value string) Node                  { return attr("y2", value) }

// Number returns an attribute whose value is a number.
func Number(name string, n int) Node { return attr(name, strconv.Itoa(n)) }

// Aria returns an attribute whose name begins with aria-, Data one whose name begins with data-.

func Aria(name, value string) Node { return attr("aria-"+name, value) }
func Data(name, value string) Node { return attr("data-"+name, value) }

// DataFlag returns an attribute without a value, whose name begins with data-.
func DataFlag(name string) Node { return flag("data-" + name) }

// Attributes without a value.

func Checked() Node  { return flag("checked") }
func Defer() Node    { return flag("defer") }
func Hidden() Node   { return flag("hidden") }
func Open() Node     { return flag("open") }
func Required() Node { return flag("required") }
func Selected() Node { return flag("selected") }

// Addresses: a path on this server, or a place on the page. Any other becomes "/".

func Action(to string) Node     { return attr("action", ours(to)) }
func FormAction(to string) Node { return attr("formaction", ours(to)) }
func Href(to string) Node       { return attr("href", ours(to)) }
func Src(to string) Node        { return attr("src", ours(to)) }
