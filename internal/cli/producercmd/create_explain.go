package producercmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// exampleRows is how many rows an explanation shows.
const exampleRows = 3

// explanation is how a file was read: the answer of --explain.
type explanation struct {
	File string `json:"file"`
	intake.Explanation
}

// runReading shows how the file is read. It needs no Redis, and writes nothing anywhere.
func runReading(ctx context.Context, s *cli.Session, o createOptions) error {
	cfg, err := s.Settings(config.Neither())
	if err != nil {
		return err
	}
	in, err := o.open(ctx, s, cfg)
	if err != nil {
		return err
	}
	defer in.close()
	rules := intake.Rules{Region: o.Region, Regions: cfg.Regions(), PrivatePhotos: cfg.Photo.AllowPrivate, Strict: o.Strict, Now: time.Now()}
	e, err := intake.Explain(ctx, in.r, in.options, exampleRows, rules)
	if err != nil {
		return err
	}
	doc := explanation{File: o.File, Explanation: e}
	return cli.Print[explanation](s, doc, nil, func(p *cli.Page) { explainText(p, e) })
}

func explainText(p *cli.Page, e intake.Explanation) {
	region := e.Region
	if region == "" {
		region = "none: numbers need their country code (--region BR)"
	}
	oneLine := e.ALineIs
	if oneLine == "person" {
		oneLine = "person; lines of one name are one group"
	}
	encoding := e.Encoding
	if encoding == "ASCII" {
		encoding = "not known yet: every character so far is the same in all encodings"
	}
	if e.Sheet != "" {
		encoding = ""
	}
	p.Fields("format", e.Format, "sheet", e.Sheet, "encoding", encoding, "separator", separatorName(e.Separator), "a line is a", oneLine, "region", region, "people", peopleText(e.People.Total, e.People.Unusable, e.People.ByCountry))
	if len(e.Columns) > 0 {
		p.Printf("\n")
		rows := make([][]string, len(e.Columns))
		for i, c := range e.Columns {
			rows[i] = []string{c.Header, columnMeaning(c)}
		}
		p.Table([]string{"COLUMN", "IS READ AS"}, rows)
	}
	for _, row := range e.Rows {
		p.Printf("\nrow %d (line %d): %s\n", row.Row, row.Line, cli.Plain(row.Request.GroupName))
		for _, person := range row.People {
			who := person.Phone
			if who == "" {
				who = "cannot be used. " + person.Error
			}
			p.Printf("  %s → %s\n", cli.Plain(person.Input), cli.Plain(who))
		}
		if row.Error != nil {
			for _, fault := range row.Error.All() {
				p.Printf("  invalid (%s): %s\n", fault.Code, cli.Plain(fault.Message))
			}
		}
	}
	if len(e.Warnings) > 0 {
		p.Printf("\n")
		for _, w := range e.Warnings {
			warningText(p, enqueue.Warning(w))
		}
	}
	if e.More {
		p.Printf("\nand more rows; --dry-run judges all of them\n")
	}
}

func columnMeaning(c intake.ExplainedColumn) string {
	switch {
	case c.Key != "":
		return fmt.Sprintf("metadata, as %q", c.Key)
	case c.Field == "":
		return "ignored"
	case c.Field == "phones":
		return "phones, several in a cell"
	}
	return c.Field
}

func separatorName(s string) string {
	names := map[string]string{",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
	if name := names[s]; name != "" {
		return name
	}
	return strings.TrimSpace(s)
}
