package producercmd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// pieces is an output that notes its largest piece.
type pieces struct {
	text bytes.Buffer
	most int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.most = max(p.most, len(b))
	return p.text.Write(b)
}

func TestReportTable_WritesManyRowsInPieces(t *testing.T) {
	t.Parallel()
	const n = 5000
	var out pieces
	none := func(string) (string, bool) { return "", false }
	s := &cli.Session{IO: &cli.IO{Out: &out, LookupEnv: none, Width: func() int { return 0 }, Now: time.Now}, Format: cli.Text}
	rep := newReport(&rooms{Session: s}, &createOptions{File: "cohort.csv"})
	defer rep.close()
	for i := range n {
		res := enqueue.Result{
			Row: i + 1, Line: i + 2, Outcome: enqueue.Invalid, Changes: &enqueue.Changes{New: []string{"+5544999999991"}},
			Error: tasks.NewRowError(tasks.Changed, "phones", say.Phrase{Code: say.RowChanged, Name: "grp_1"}),
		}
		if err := rep.add(res); err != nil {
			t.Fatal(err)
		}
	}
	if err := rep.print(enqueue.Summary{Total: n, Invalid: n}, nil); err != nil {
		t.Fatal(err)
	}
	text := out.text.String()
	if out.most > 256<<10 || strings.Count(text, "\nROW\tLINE\t") != 1 || strings.Count(text, "\n") != 1+1+1+2*n || !strings.Contains(text, "\n5000\t5001\tinvalid\t") {
		t.Errorf("got %d lines, the largest piece of %d bytes, beginning %q; want one header, two lines a row, pieces of at most 256 KiB", strings.Count(text, "\n"), out.most, text[:200])
	}
}
