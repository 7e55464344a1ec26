package cli

import (
	"fmt"
	"io"
	"strings"

	gotext "github.com/jedib0t/go-pretty/v6/text"
)

// Screen is the part of a terminal that is redrawn in place.
type Screen struct {
	out   io.Writer
	width func() int
	lines int // how many lines the latest Show wrote
}

// Screen begins to redraw the terminal on stdout.
func (s *Session) Screen() *Screen { return &Screen{out: s.Out, width: s.Width} }

// Show replaces what was shown before. Lines are cut to the width, because a wrapped line would take two.
func (s *Screen) Show(p *Page) {
	var b strings.Builder
	s.home(&b)
	text := strings.TrimRight(p.b.String(), "\n")
	p.b.Reset()
	w := s.width()
	s.lines = 0
	for line := range strings.SplitSeq(text, "\n") {
		if w > 0 && gotext.StringWidthWithoutEscSequences(line) > w {
			line = gotext.Snip(line, w, "…")
		}
		b.WriteString(line + "\x1b[K\n")
		s.lines++
	}
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(s.out, b.String())
}

// Clear removes the progress, because the result comes next.
func (s *Screen) Clear() {
	var b strings.Builder
	s.home(&b)
	b.WriteString("\x1b[J")
	s.lines = 0
	_, _ = io.WriteString(s.out, b.String())
}

// home goes back to where the first line began.
func (s *Screen) home(b *strings.Builder) {
	if s.lines > 0 {
		fmt.Fprintf(b, "\x1b[%dA\r", s.lines)
	}
}
