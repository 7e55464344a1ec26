package markup_test

import (
	"bytes"
	"errors"
	"testing"

	h "github.com/rollcallhq/rollcall/internal/markup"
)

func written(t *testing.T, n h.Node) string {
	t.Helper()
	var b bytes.Buffer
	if err := n.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNode_IsWrittenAsHTML(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]h.Node{
		`<p></p>`:                                     h.P(),
		`<p class="a" hidden>b<b>c</b></p>`:           h.P(h.Text("b"), h.Class("a"), h.B(h.Text("c")), h.Hidden()),
		`<p class="a" id="b">c<b>d</b>e</p>`:          h.P(h.Group{h.Text("c"), h.Class("a"), h.Group{h.ID("b"), h.B(h.Text("d"))}}, nil, h.Text("e")),
		`<input name="a" required>`:                   h.Input(h.Name("a"), h.Required(), h.Text("nothing is in it")),
		`<svg viewBox="0 0 1 1"><rect rx="2"/></svg>`: h.SVG(h.ViewBox("0 0 1 1"), h.Rect(h.Number("rx", 2))),
		`a`:                                    h.Group{h.Text("a"), h.Class("of no element")},
		`12`:                                   h.Map([]int{1, 2}, func(n int) h.Node { return h.Textf("%d", n) }),
		`<p>a</p>`:                             h.P(h.If(true, h.Text("a")), h.If(false, h.Text("b"))),
		`<p data-a="b" data-c aria-d="e"></p>`: h.P(h.Data("a", "b"), h.DataFlag("c"), h.Aria("d", "e")),
	} {
		if got := written(t, n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPage_BeginsWithItsType(t *testing.T) {
	t.Parallel()
	page, err := h.Page(h.HTML(h.Lang("en")))
	if err != nil || string(page) != `<!doctype html><html lang="en"></html>` {
		t.Errorf("got %s, %v, want the doctype first", page, err)
	}
}

// A value is written as text. It cannot end the text or the attribute that it stands in.
func TestNode_ShowsMarkupInValuesAsText(t *testing.T) {
	t.Parallel()
	const typed = "\"'><b>x</b>&amp;\x00"
	const shown = `&#34;&#39;&gt;&lt;b&gt;x&lt;/b&gt;&amp;amp;` + "\ufffd"
	for want, n := range map[string]h.Node{
		`<p>` + shown + `</p>`:                h.P(h.Text(typed)),
		`<p>a` + shown + `</p>`:               h.P(h.Textf("a%s", typed)),
		`<input value="` + shown + `">`:       h.Input(h.Value(typed)),
		`<p data-x="` + shown + `"></p>`:      h.P(h.Data("x", typed)),
		`<a href="/&#34;&gt;&lt;b&gt;x"></a>`: h.A(h.Href(`/"><b>x`)),
		`<textarea>` + shown + `</textarea>`:  h.Textarea(h.Text(typed)),
		`<title>` + shown + `</title>`:        h.TitleEl(h.Text(typed)),
		`<p aria-label="` + shown + `"></p>`:  h.P(h.Aria("label", typed)),
		`<option>` + shown + `</option>`:      h.Option(h.Text(typed)),
	} {
		if got := written(t, n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestHref_LeadsToNoOtherSite(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/": "/", "/groups?status=failed": "/groups?status=failed", "#needs": "#needs", "/problems#a": "/problems#a",
		"": "/", "groups": "/", "data:text/plain,x": "/", "DATA:text/plain,x": "/", " data:text/plain,x": "/", "https://elsewhere.test": "/", "//elsewhere.test": "/", `/\elsewhere.test`: "/",
		"/\t/elsewhere.test": "/", "\t//elsewhere.test": "/",
	} {
		for name, n := range map[string]h.Node{"href": h.Href(to), "src": h.Src(to), "action": h.Action(to), "formaction": h.FormAction(to)} {
			if got := written(t, h.A(n)); got != `<a `+name+`="`+want+`"></a>` {
				t.Errorf("%s of %q: got %s, want %s", name, to, got, want)
			}
		}
	}
}

type broken struct{ err error }

func (b broken) Write(*bytes.Buffer) error { return b.err }

func TestPage_FailsWithItsNodes(t *testing.T) {
	t.Parallel()
	err := errors.New("no such text")
	if _, got := h.Page(h.HTML(h.Body(h.Group{h.P(broken{err})}))); !errors.Is(got, err) {
		t.Errorf("got %v, want %v", got, err)
	}
}
