package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	gotext "github.com/jedib0t/go-pretty/v6/text"

	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Print writes one answer to stdout: the document in json, a line for each item in jsonl, or what
// text makes of it. Without items the document is the one line of jsonl.
func Print[T any](s *Session, document any, items []T, text func(p *Page)) error {
	switch s.Format {
	case JSON:
		return s.Document(document)
	case JSONL:
		if items == nil {
			return s.Line(document)
		}
		for _, item := range items {
			if err := s.Line(item); err != nil {
				return err
			}
		}
		return nil
	default:
		p := s.Page()
		text(p)
		return p.Flush()
	}
}

// Document writes the one document of --output json.
func (s *Session) Document(v any) error { return encode(s.Out, v, "  ") }

// Line writes one line of --output jsonl.
func (s *Session) Line(v any) error { return encode(s.Out, v, "") }

func encode(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // links stay readable
	e.SetIndent("", indent)
	return e.Encode(v)
}

// Page is text for people. It gathers what is written; Flush writes it out in one piece.
type Page struct {
	b     strings.Builder
	out   io.Writer
	tty   bool
	width int
	bold  bool
	now   time.Time
	clock clock.Clock
}

// Page begins a text on stdout.
func (s *Session) Page() *Page {
	return &Page{out: s.Out, tty: s.OutTTY, width: s.Width(), bold: s.coloured(), now: s.Now(), clock: s.Clock()}
}

// Flush writes the text out and begins a new one.
func (p *Page) Flush() error {
	_, err := io.WriteString(p.out, p.b.String())
	p.b.Reset()
	return err
}

// Printf adds text. Times in its sentences are shown by the page's clock.
func (p *Page) Printf(format string, args ...any) {
	p.b.WriteString(p.Say(fmt.Sprintf(format, args...)))
}

// Voice returns a voice that says phrases in English, with times as the page shows them.
func (p *Page) Voice() say.Voice {
	return say.Voice{Time: func(t time.Time) string { return p.Time(&t) }}
}

// Say returns a sentence with its times shown by the page's clock.
func (p *Page) Say(sentence string) string { return clock.Say(sentence, p.write) }

// write returns a time by the page's clock; as RFC 3339 where there is no terminal.
func (p *Page) write(t time.Time) string {
	if !p.tty {
		return p.clock.Stamp(t)
	}
	return p.clock.Time(t, p.now)
}

// Table adds a table: aligned and cut to the terminal's width, or as lines of tab-separated values
// where there is no terminal. Values from outside cannot move the cursor.
func (p *Page) Table(header []string, rows [][]string) {
	if !p.tty {
		p.Lines([][]string{header})
		p.Lines(rows)
		return
	}
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.Options{}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = gotext.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(cells(header))
	for _, row := range rows {
		t.AppendRow(cells(p.plain(row)))
	}
	for i, line := range strings.Split(t.Render(), "\n") {
		line = strings.TrimRight(line, " ")
		if p.width > 0 {
			line = gotext.Trim(gotext.Snip(line, p.width, "…"), p.width)
		}
		if i == 0 && p.bold {
			line = gotext.Bold.Sprint(line)
		}
		p.Printf("%s\n", strings.TrimRight(line, " "))
	}
}

// Lines adds lines of tab-separated values. Values from outside cannot end a line.
func (p *Page) Lines(rows [][]string) {
	for _, row := range rows {
		p.Printf("%s\n", strings.Join(p.plain(row), "\t"))
	}
}

// Fields adds a list of names and values. Those without a value are left out.
func (p *Page) Fields(pairs ...string) {
	widest := 0
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" { //nolint:gosec // they come in twos
			widest = max(widest, len(pairs[i]))
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		value := p.plain(pairs[i+1 : i+2])[0]
		switch {
		case value == "":
		case p.tty:
			p.Printf("%-*s  %s\n", widest, pairs[i], value)
		default:
			p.Printf("%s\t%s\n", pairs[i], value)
		}
	}
}

// Time returns a time by the clock of the user's machine: on a terminal with how far away it is, elsewhere as
// RFC 3339.
func (p *Page) Time(t *time.Time) string {
	switch {
	case t == nil || t.IsZero():
		return ""
	case !p.tty:
		return p.write(*t)
	}
	return p.write(*t) + " (" + Distance(t.Sub(p.now)) + ")"
}

// Distance returns a duration from now in words of its largest units.
func Distance(d time.Duration) string {
	past := d < 0
	d = d.Abs()
	var s string
	switch {
	case d < time.Second:
		return "now"
	case d < time.Minute:
		s = fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		s = fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		s = fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	default:
		s = fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	if past {
		return s + " ago"
	}
	return "in " + s
}

// Plain makes a text from outside safe to show: it stays on its line and cannot move the cursor.
func Plain(text string) string { return plain([]string{text})[0] }

// plain makes values safe to show: no control character, and nothing that ends a cell or a line.
func plain(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return ' '
			case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
				return -1
			}
			return r
		}, v)
	}
	return out
}

// plain makes values safe to show, and shows their times by the page's clock.
func (p *Page) plain(values []string) []string {
	out := plain(values)
	for i := range out {
		out[i] = p.Say(out[i])
	}
	return out
}

func cells(values []string) table.Row {
	row := make(table.Row, len(values))
	for i, v := range values {
		row[i] = v
	}
	return row
}
